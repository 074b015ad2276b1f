import Contract
import JSON
import LaunchModel
import Messaging
import TestSupport
import Testing

@Suite("Reading uses and activities without building a tree")
struct PlainUsageTests {
  @Test(
    "The plain form is read by the fast path",
    arguments: [
      ("\"account\":\"acme\",\"feature\":\"f\"", "acme", "f"),
      ("\"feature\":\"é\",\"user\":\"u\",\"count\":2.5,\"account\":\"17\",\"more\":{\"account\":1}", "17", "é"),
    ])
  func plain(data: String, account: String, feature: String) throws {
    let bytes = Self.event(data: "{\(data)}")
    let usage = try #require(PlainUsage(bytes))
    #expect(String(decoding: bytes[usage.account], as: UTF8.self) == account)
    #expect(usage.feature.map { String(decoding: bytes[$0], as: UTF8.self) } == feature)
    #expect(usage.time == Timestamp("2027-03-02T09:00:00Z"))
  }

  @Test(
    "Times are read as by the general reader, or not at all",
    arguments: [
      "2027-03-02T09:00:00Z", "2024-02-29T23:59:59.5Z", "2027-02-29T00:00:00Z", "1969-12-31T23:59:59.000001Z",
      "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2027-03-02T09:00:00.1234567Z", "2027-03-02T09:00:00.Z",
      "2027-03-02t09:00:00z", "2027-03-02T09:00:00+01:00", "2027-03-02T24:00:00Z", "2027-03-02T23:59:60Z", "soon", "",
      "2027-03-02T09:00:00.12x4Z", "1900-02-29T00:00:00Z", "2000-02-29T00:00:00Z",
    ])
  func times(text: String) throws {
    let bytes = Self.event(time: "\"\(text)\"", data: #"{"account":"a","feature":"f"}"#)
    guard let usage = PlainUsage(bytes) else { return }
    #expect(usage.time == Timestamp(text))
    #expect(usage.time != nil)
  }

  @Test("For a hundred thousand variations, the fast path reads the same as the declarations, or nothing")
  func agrees() throws {
    var random = SeededGenerator(seed: 1)
    var read = 0
    for _ in 0..<100_000 {
      let bytes = Self.variation(&random)
      guard let usage = PlainUsage(bytes) else { continue }
      read += 1
      let event = try CloudEvent(parsing: bytes)
      let type = try #require(SignalType(rawValue: event.type))
      #expect(event.time == usage.time)
      #expect(event.undecodedData == nil)
      let account = String(decoding: bytes[usage.account], as: UTF8.self)
      let feature = usage.feature.map { String(decoding: bytes[$0], as: UTF8.self) }
      switch try Signal(type, data: event.data) {
      case .featureUsed(let declared): #expect(declared.account == account && declared.feature == feature)
      case .accountActive(let declared): #expect(declared.account == account && feature == nil)
      default: Issue.record("read as a usage: \(String(decoding: bytes, as: UTF8.self))")
      }
    }
    #expect(read > 1_000)
  }

  private static func event(
    type: String = SignalType.featureUsed.rawValue, time: String = "\"2027-03-02T09:00:00Z\"", data: String
  ) -> [UInt8] {
    Array(
      #"{"specversion":"1.0","id":"1","source":"//s","type":"\#(type)","time":\#(time),"data":\#(data)}"#.utf8)
  }

  /// An event with some members changed, left out or added, and now and then a changed byte.
  private static func variation(_ random: inout SeededGenerator) -> [UInt8] {
    let values = [
      "\"a\"", "\"\"", "1", "-1", "0", "2.5", "1e999", "null", "true", "[]", "{}", "\"\\u0061\"", "\"\\u0000\"",
      "\"\(String(repeating: "k", count: 513))\"", "\"1.0\"", "\"2027-03-02T09:00:00Z\"",
    ]
    func chosen(_ plain: String, _ random: inout SeededGenerator) -> String {
      Int.random(in: 0..<12, using: &random) == 0 ? values.randomElement(using: &random) ?? plain : plain
    }
    func members(_ plain: [(String, String)], _ random: inout SeededGenerator) -> String {
      var members: [String] = []
      for (key, value) in plain.shuffled(using: &random) where Int.random(in: 0..<14, using: &random) > 0 {
        members.append("\"\(key)\":\(chosen(value, &random))")
        if Int.random(in: 0..<60, using: &random) == 0 { members.append("\"\(key)\": \(value)") }
      }
      return "{\(members.joined(separator: ","))}"
    }
    let type = [SignalType.featureUsed, .accountActive, .articleViewed].randomElement(using: &random) ?? .featureUsed
    let data = members(
      [
        ("account", "\"acme\""), ("feature", "\"f\""), ("user", "\"u\""), ("count", "3"), ("segment", "\"s\""),
        ("other", "{\"account\":\"x\"}"),
      ], &random)
    var bytes = Array(
      members(
        [
          ("specversion", "\"1.0\""), ("id", "\"1\""), ("source", "\"//s\""), ("type", "\"\(type.rawValue)\""),
          ("time", "\"2027-03-02T09:00:00Z\""), ("data", data), ("subject", "\"x\""), ("extra", "[1,{}]"),
        ], &random
      ).utf8)
    if Int.random(in: 0..<20, using: &random) == 0 {
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    return bytes
  }
}
