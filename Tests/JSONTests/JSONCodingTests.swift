import JSON
import Testing

@Suite("Coding as JSON") struct JSONCodingTests {
  struct Inner: Codable, Hashable {
    var flag: Bool
    var note: String?
    var any: JSONValue
  }
  struct Outer: Codable, Hashable {
    var name: String
    var count: Int
    var ratio: Double
    var inner: [Inner]
    var byKey: [String: Int]
    var absent: Int?
  }

  static let outer = Outer(
    name: "a/\"b\"\n€", count: -3, ratio: 2.5, inner: [Inner(flag: true, note: nil, any: ["x": [1, nil, "y"]])],
    byKey: ["b": 2, "a": 1], absent: nil)

  @Test("A value survives encoding and decoding, and members ascend") func roundTrip() throws {
    let bytes = try JSONCoding.encode(Self.outer)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == #"{"byKey":{"a":1,"b":2},"count":-3,"inner":[{"any":{"x":[1,null,"y"]},"flag":true}],"#
        + #""name":"a/\"b\"\n€","ratio":2.5}"#)
    #expect(try JSONCoding.decode(Outer.self, from: bytes) == Self.outer)
  }

  @Test(
    "A type mismatch is reported with its pointer",
    arguments: [
      (#"{"name":"a","count":1,"ratio":1,"inner":[{"flag":1,"any":1}],"byKey":{}}"#, "/inner/0/flag"),
      (#"{"name":"a","count":1.5,"ratio":1,"inner":[],"byKey":{}}"#, "/count"),
      (#"{"name":"a","count":1,"ratio":1,"inner":[],"byKey":{"q":"x"}}"#, "/byKey/q"),
      (#"{"count":1,"ratio":1,"inner":[],"byKey":{}}"#, "/name"), (#"[]"#, ""),
    ])
  func mismatches(_ text: String, _ pointer: String) {
    #expect {
      try JSONCoding.decode(Outer.self, from: Array(text.utf8))
    } throws: { error in
      let error = error as? JSONError
      return error?.reason == .typeMismatch && error?.pointer == pointer
    }
  }

  @Test("Integers are read in every notation, and never rounded") func wholeNumbers() throws {
    #expect(try JSONCoding.decode([Int].self, from: Array("[1.0, 2e2, -3]".utf8)) == [1, 200, -3])
    #expect(throws: JSONError.self) { try JSONCoding.decode([UInt8].self, from: Array("[256]".utf8)) }
  }

  @Test("A number that JSON cannot represent is refused") func nonFinite() {
    #expect(throws: EncodingError.self) { try JSONCoding.encode([Double.nan]) }
  }
}
