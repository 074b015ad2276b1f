import JSON
import Testing

@Suite("JSON values: subscripts and display text")
struct JSONValueTests {
  private static let launch: JSONValue = ["facts": ["audience": "most", "pricing": nil], "tier": 1, "locales": ["en"]]

  @Test(
    "A path of names leads to a nested value, or to nil if a name is missing or its parent is not an object",
    arguments: [
      ([], launch), (["tier"], 1), (["facts", "audience"], "most"), (["facts", "pricing"], .null),
      (["facts", "breaking"], nil), (["tier", "days"], nil), (["locales", "0"], nil), (["owner", "name"], nil),
    ] as [([String], JSONValue?)])
  func path(_ path: [String], _ expected: JSONValue?) {
    #expect(Self.launch.value(at: path) == expected)
  }

  @Test(
    "Strings are shown without quotes, missing or null values as a dash, and anything else as JSON",
    arguments: [
      ("most", "most"), ("", ""), (1, "1"), (2.50, "2.5"), (true, "true"), (["en", "de"], #"["en","de"]"#),
      (["b": 1, "a": nil], #"{"a":null,"b":1}"#), (.null, "-"), (nil, "-"),
    ] as [(JSONValue?, String)])
  func plainText(_ value: JSONValue?, _ expected: String) {
    #expect(value.plainText == expected)
  }
}
