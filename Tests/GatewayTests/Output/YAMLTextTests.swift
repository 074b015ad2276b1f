import Documents
import JSON
import Testing

@testable import Gateway

@Suite("Results as YAML")
struct YAMLTextTests {
  @Test(
    "Written values are read back unchanged",
    arguments: [
      "no", "yes", "on", "~", "null", "True", "2027-03-02", "12", "1e3", "0x1f", "", " ", "a: b", "- a", "#x", "[a]",
      "{a}", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a`", "'", "\"", "a\nb\n", "a\n\n\n b", "trailing ", "a #b",
      "é京🚀",
      "\u{1}\u{7f}", "a\rb\nc", "a\r\nb", "a\u{85}b\nc", "a\u{2028}b\nc", "a\u{202E}b\nc", "\n a", "a \n b\n",
      "a\u{FEFF}\nb", ":", "a:", "?", "-", "---", "=", "<<", ".inf",
    ])
  func strings(text: String) throws {
    let value: JSONValue = ["key": .string(text), "list": [.string(text), nil, 1, 2.5, true, [], [:]]]
    let yaml = try YAMLText.of(value)
    #expect(try SourceDocument(parsing: Array(yaml.utf8), file: "x.yaml").value == value, "\(yaml)")
  }

  @Test("Plain words are not quoted, names come first and reasons last, other keys ascend, and lists are indented")
  func layout() throws {
    let value: JSONValue = [
      "because": "x", "tier": 1, "name": "Smart routing", "locales": ["en", "de"], "segments": [], "when": "pricing",
    ]
    #expect(
      try YAMLText.of(value)
        == "name: Smart routing\ntier: 1\nlocales:\n- en\n- de\nsegments: []\nwhen: pricing\nbecause: x\n")
  }
}
