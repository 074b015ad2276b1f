import JSON
import Testing

@Suite("JSON parsing and scanning") struct JSONScannerTests {
  @Test(
    "An error has its reason, byte and pointer",
    arguments: [
      ("", JSONError.Reason.empty, 0, ""), ("[1,]", .unexpectedByte, 3, "/1"),
      (#"{"a":{"b":1,"b":2}}"#, .duplicateKey, 12, "/a/b"), (#"{"a":1,"\u0061":2}"#, .duplicateKey, 7, "/a"),
      ("[01]", .invalidNumber, 1, "/0"), ("[1e999]", .numberOutOfRange, 1, "/0"), ("1 2", .trailingBytes, 2, ""),
      ("[\"a\nb\"]", .controlCharacter, 3, "/0"), (#"["\ud800"]"#, .invalidEscape, 2, "/0"),
      (#"{"a": [1, 2"#, .unexpectedEnd, 11, "/a/2"),
    ])
  func errors(_ text: String, _ reason: JSONError.Reason, _ offset: Int, _ pointer: String) {
    #expect {
      try JSONValue(parsing: text)
    } throws: { error in
      let error = error as? JSONError
      return error?.reason == reason && error?.offset == offset && error?.pointer == pointer
    }
  }

  @Test(
    "An error is described in words",
    arguments: [
      ("[1 2]", #"unexpected "2"; expected a comma or ]"#),
      (#"{"a" 1}"#, #"unexpected "1"; expected a colon after a key"#),
      ("{1:2}", #"unexpected "1"; expected a key in quotes"#), ("[\u{1}]", "unexpected byte 0x1; expected a value"),
      (#"{"a":1,"\u0061":2}"#, #"duplicate key "a" in an object"#),
      (#"["a"#, "unterminated string: closing quote missing"),
      ("[1,", "unexpected end of JSON"),
      (#"["\ud800\u0041"]"#, "invalid escape: not one of JSON's escapes, or an unpaired surrogate"),
      ("[1.]", "invalid number; JSON numbers look like -12, 0.5 or 1e6"),
      (String(repeating: "[", count: 33), "arrays and objects are nested more than 32 levels deep"),
    ])
  func words(_ text: String, _ detail: String) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.detail == detail)
  }

  @Test("The scanner and the parser find the same duplicate keys, few or many")
  func duplicates() {
    let many = (0..<40).map { "\"k\($0)\":0" }
    let texts = [
      ("{\(many.joined(separator: ","))}", true), ("{\((many + ["\"k7\":1"]).joined(separator: ","))}", false),
      (#"{"a":{"x":1},"b":{"x":1}}"#, true), (#"{"ab":1,"\u0061b":2}"#, false),
    ]
    for (text, isValid) in texts {
      #expect(((try? JSONValue(parsing: text)) != nil) == isValid)
      #expect(skips(text) == isValid)
    }
  }

  @Test("32 levels are read, 33 are not") func depth() throws {
    let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    _ = try JSONValue(parsing: nested(32))
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(33)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(1_000_000), limits: JSONLimits(depth: .max)) }
  }

  @Test(
    "Skipping a value returns exactly its own bytes", arguments: [" 12 ", "\t{\"a\" : [1,2]}\n", "\"x\\\"y\" ", "true"])
  func skippedRange(_ text: String) throws {
    let bytes = Array(text.utf8)
    let range = try bytes.withUnsafeBufferPointer { buffer in
      var scanner = JSONScanner(buffer)
      return try scanner.skipValue()
    }
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0a }
    let trimmed = bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
    #expect(Array(bytes[range]) == Array(trimmed))
  }

  @Test("Members are skipped one by one") func skipsMembers() throws {
    let bytes = Array(#"{"a": {"deep": [1, {"x": "}"}]}, "b" :  -1.5e3 , "c":"\u20ac"}"#.utf8)
    let members = try bytes.withUnsafeBufferPointer { buffer in
      var scanner = JSONScanner(buffer)
      var members: [String: String] = [:]
      guard case .beginObject = try scanner.next() else { return members }
      while case .key(let key) = try scanner.next() {
        members[scanner.text(key)] = String(decoding: bytes[try scanner.skipValue()], as: UTF8.self)
      }
      try scanner.expectEnd()
      return members
    }
    #expect(members == ["a": #"{"deep": [1, {"x": "}"}]}"#, "b": "-1.5e3", "c": #""\u20ac""#])
  }

  @Test(
    "Numbers are read as in Swift",
    arguments: [
      "0.1", "123456789012345678", "1.7976931348623157e308", "5e-324", "2.2250738585072011e-308", "0.000001e-10",
      "9007199254740993.0", "1e22", "1e23", "-3.14159265358979323846", "4.35", "1e-22",
    ])
  func numbers(_ text: String) throws {
    #expect(try JSONValue(parsing: text).doubleValue == Double(text))
  }

  @Test("64-bit integers are exact over their whole range") func integers() throws {
    #expect(try JSONValue(parsing: "9223372036854775807") == .integer(.max))
    #expect(try JSONValue(parsing: "-9223372036854775808") == .integer(.min))
    #expect(try JSONValue(parsing: "9223372036854775808") == .number(9_223_372_036_854_775_808))
  }

  @Test("Pointers find members and elements, with escapes resolved (RFC 6901, section 5)")
  func pointers() throws {
    let value = try JSONValue(
      parsing: #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#)
    let expected: [(String, JSONValue)] = [
      ("", value), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/e^f", 3),
      ("/g|h", 4), ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8),
    ]
    for (text, wanted) in expected {
      let pointer = try #require(JSONPointer(text))
      #expect(value[pointer] == wanted)
      #expect(pointer.description == text)
    }
    #expect(JSONPointer("foo") == nil)
    #expect(JSONPointer("/~2") == nil)
    #expect(value[try #require(JSONPointer("/foo/2"))] == nil)
    #expect(value[try #require(JSONPointer("/foo/00"))] == nil)
  }

  private func skips(_ text: String) -> Bool {
    Array(text.utf8).withUnsafeBufferPointer { buffer in
      var scanner = JSONScanner(buffer)
      return (try? scanner.skipValue()) != nil
    }
  }
}
