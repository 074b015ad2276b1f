import Documents
import JSON
import Testing

@testable import Gateway

@Suite("Results as YAML")
struct YAMLTextTests {
  @Test(
    "What is written is read again as the same value",
    arguments: [
      "no", "yes", "on", "~", "null", "True", "2027-03-02", "12", "1e3", "0x1f", "", " ", "a: b", "- a", "#x", "[a]",
      "{a}", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a`", "'", "\"", "a\nb\n", "a\n\n\n b", "trailing ", "a #b",
      "é京🚀",
      "\u{1}\u{7f}", ":", "a:", "?", "-", "---", "=", "<<", ".inf",
    ])
  func strings(text: String) throws {
    let value: JSONValue = ["key": .string(text), "list": [.string(text), nil, 1, 2.5, true, [], [:]]]
    let yaml = try YAMLText.of(value)
    #expect(try SourceDocument(parsing: Array(yaml.utf8), file: "x.yaml").value == value, "\(yaml)")
  }

  @Test("Plain words stay plain, members ascend and lists are indented blocks")
  func layout() throws {
    let value: JSONValue = ["tier": 1, "name": "Smart routing", "locales": ["en", "de"], "segments": []]
    #expect(try YAMLText.of(value) == "locales:\n- en\n- de\nname: Smart routing\nsegments: []\ntier: 1\n")
  }
}
