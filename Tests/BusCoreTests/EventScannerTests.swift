import BusCore
import Contract
import LaunchModel
import Testing

@Suite("Scanning events")
struct EventScannerTests {
  /// Members of an event other than the four required ones.
  private func event(_ members: String...) -> [UInt8] {
    let required = [#""specversion":"1.0""#, #""id":"7""#, #""source":"/s""#, #""type":"com.example.t""#]
    return Array("{\((required + members).joined(separator: ","))}".utf8)
  }

  private func scan(_ bytes: [UInt8], maximumBytes: Int = 65_536) throws(EventRejection) -> ScannedEvent {
    var scanner = EventScanner(maximumBytes: maximumBytes)
    return try scanner.scan(bytes)
  }

  private func code(_ bytes: [UInt8]) -> String? {
    do throws(EventRejection) {
      _ = try scan(bytes)
      return nil
    } catch {
      return error.code
    }
  }

  @Test("Attributes are returned as written")
  func attributes() throws {
    let event = try scan(event(#""subject":"x","time":"2027-03-02T09:00:00Z""#))
    #expect(event.string(event.id) == "7")
    #expect(event.string(event.source) == "/s")
    #expect(event.string(event.type) == "com.example.t")
  }

  @Test("Escapes in names and values are resolved before comparison")
  func escapes() throws {
    let text = #"{"spec\u0076ersion":"1.0","id":"a\u0062c\ud83d\ude80","source":"\/s","type":"t\u002ea"}"#
    let event = try scan(Array(text.utf8))
    #expect(event.string(event.id) == "abc🚀")
    #expect(event.string(event.source) == "/s")
    #expect(event.string(event.type) == "t.a")
    #expect(event.type.range == nil)
    #expect(code(self.event(#""\u0069d":"8""#)) == "duplicate-key")
    #expect(code(self.event(#""data_base64":"AA\/A""#)) == nil)
  }

  @Test(
    "Duplicate keys are found at every level, in small and large objects",
    arguments: [
      (#""data":{"a":1,"b":2,"a":3}"#, true),
      (#""data":[{"x":{"a":1,"\u0061":2}}]"#, true),
      (#""data":{"a":{"a":{"a":1}},"b":{"a":1}}"#, false),
      (#""data":{"a":1,"A":2,"á":3}"#, false),
    ])
  func duplicateKeys(member: String, isRefused: Bool) {
    #expect(code(event(member)) == (isRefused ? "duplicate-key" : nil))
  }

  @Test("A large object is searched completely and quickly", arguments: [15, 16, 17, 18, 4_000])
  func largeObjects(count: Int) {
    let keys = (0..<count).map { "\"k\($0)\":0" }
    #expect(code(event(#""data":{"# + keys.joined(separator: ",") + "}")) == nil)
    for twin in [0, count / 2, count - 1] {
      #expect(code(event(#""data":{"# + (keys + [keys[twin]]).joined(separator: ",") + "}")) == "duplicate-key")
    }
  }

  @Test("A depth of 32 is accepted and 33 rejected, counting the event's own object")
  func depth() {
    let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(code(event(#""data":"# + nested(31))) == nil)
    #expect(code(event(#""data":"# + nested(32))) == "too-deep")
  }

  @Test("An event over the size limit is rejected before it is parsed", arguments: [(100, nil), (99, "too-large")])
  func sizes(limit: Int, expected: String?) throws {
    let frame = event(#""data":"""#).count
    let event = event(#""data":""# + String(repeating: "x", count: 100 - frame) + #"""#)
    try #require(event.count == 100)
    var scanner = EventScanner(maximumBytes: limit)
    do throws(EventRejection) {
      _ = try scanner.scan(event)
      #expect(expected == nil)
    } catch {
      #expect(error.code == expected)
    }
  }

  @Test(
    "Invalid UTF-8 is rejected in every position (Unicode 15, table 3-7)",
    arguments: [
      [0xff], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0xbf, 0xbf],
      [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80], [0xe2, 0x82], [0xf0, 0x9f, 0x9a],
    ] as [[UInt8]])
  func invalidUTF8(bytes: [UInt8]) {
    let start = Array(#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":""#.utf8)
    #expect(code(start + bytes + Array(#""}"#.utf8)) == "invalid-utf8")
    let end = Array(#"","specversion":"1.0","source":"/","type":"t"}"#.utf8)
    #expect(code(Array(#"{"id":""#.utf8) + bytes + end) == "invalid-utf8")
  }

  @Test("An id with the replacement character is rejected: it was damaged and could collide with another id")
  func replacementCharacter() {
    let event = Array(#"{"id":"\#u{fffd}","specversion":"1.0","source":"/","type":"t"}"#.utf8)
    #expect(code(event) == "invalid-attribute")
    #expect(code(self.event("\"subject\":\"\u{fffd}\"")) == nil)
  }

  @Test(
    "A rejection names the code and the member",
    arguments: [
      (#"{"id":"1","source":"/s","type":"t"}"#, "missing-attribute", "/specversion"),
      (#"{"specversion":"0.3","id":"1","source":"/s","type":"t"}"#, "unsupported-specversion", "/specversion"),
      (#"{"specversion":"1.0","id":"","source":"/s","type":"t"}"#, "invalid-attribute", "/id"),
      (#"{"specversion":"1.0","id":"1","source":"a b","type":"t"}"#, "invalid-attribute", "/source"),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":null}"#, "missing-attribute", "/type"),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"t","aB":1}"#, "invalid-name", "/aB"),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"t","a":1.0}"#, "invalid-attribute", "/a"),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"t","a":2147483648}"#, "invalid-attribute", "/a"),
      (
        #"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1,"data_base64":""}"#, "data-conflict",
        "/data_base64"
      ),
      (#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"A"}"#, "invalid-base64", "/data_base64"),
    ])
  func rejections(text: String, code: String, pointer: String) {
    do throws(EventRejection) {
      _ = try scan(Array(text.utf8))
      Issue.record("the event was accepted")
    } catch {
      #expect(error.code == code)
      #expect(error.pointer == pointer)
    }
  }

  @Test(
    "A null attribute counts as absent; null data is a value",
    arguments: [
      (#""subject":null,"time":null,"datacontenttype":null,"dataschema":null,"ext":null"#, nil),
      (#""data":{"a":1},"data_base64":null"#, nil),
      (#""data":null,"data_base64":"AAEC""#, "data-conflict"),
    ])
  func nulls(members: String, expected: String?) { #expect(code(event(members)) == expected) }

  @Test(
    "Numbers that do not fit a double are rejected",
    arguments: [
      ("1e308", nil), ("1e309", "number-out-of-range"), ("-1e400", "number-out-of-range"), ("1e-400", nil),
      (String(repeating: "9", count: 308), nil), (String(repeating: "9", count: 310), "number-out-of-range"),
    ])
  func numberRange(number: String, expected: String?) { #expect(code(event(#""data":"# + number)) == expected) }

  @Test("One scanner scans many events, and a rejected event leaves no state behind")
  func isReused() throws {
    var scanner = EventScanner()
    for _ in 0..<3 {
      #expect(throws: EventRejection.self) { try scanner.scan(Array(#"{"id":"1","a":{"b":{"\u0062":"#.utf8)) }
      let event = try scanner.scan(event(#""data":{"b":1}"#))
      #expect(event.string(event.id) == "7")
    }
  }
}
