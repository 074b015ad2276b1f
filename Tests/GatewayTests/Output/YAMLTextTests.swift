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

  @Test("Plain words stay plain, names come first and reasons last, the others ascend, and lists are indented blocks")
  func layout() throws {
    let value: JSONValue = [
      "because": "x", "tier": 1, "name": "Smart routing", "locales": ["en", "de"], "segments": [], "when": "pricing",
    ]
    #expect(
      try YAMLText.of(value)
        == "name: Smart routing\ntier: 1\nlocales:\n- en\n- de\nsegments: []\nwhen: pricing\nbecause: x\n")
  }
}
