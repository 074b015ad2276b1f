import JSON
import LaunchModel
import Testing

@Suite("Reading templates") struct TemplateLintTests {
  static func item(_ key: String, due: String = "5 days before", _ more: [String: JSONValue] = [:]) -> JSONValue {
    let own: [String: JSONValue] = [
      "key": .string(key), "title": "T", "section": "S", "function": "engineering", "tiers": [0, 1],
      "due": .string(due),
      "why": "w",
    ]
    return .object(own.merging(more) { _, new in new })
  }

  static func errors(_ items: JSONValue...) -> [String: String] {
    do throws(Problem) {
      _ = try ChecklistTemplate(reading: ["version": 1, "items": .array(items)])
      return [:]
    } catch {
      return Dictionary(error.errors.map { ($0.pointer, $0.detail) }, uniquingKeysWith: { first, _ in first })
    }
  }

  @Test("A workable template is accepted") func accepted() {
    #expect(Self.errors(Self.item("a"), Self.item("b", due: "2 days before", ["dependencies": ["a"]])).isEmpty)
  }

  @Test("An unknown function is refused with the nearest known one") func unknownFunction() {
    let errors = Self.errors(Self.item("a", ["function": "enginering"]))
    #expect(errors == ["/items/0/function": "unknown value \"enginering\" (did you mean \"engineering\"?)"])
  }

  @Test("A dependency cycle is refused and shown") func cycle() {
    let errors = Self.errors(
      Self.item("a", ["dependencies": ["c"]]), Self.item("b", ["dependencies": ["a"]]),
      Self.item("c", ["dependencies": ["b"]]))
    #expect(errors == ["/items/0/dependencies": "the dependencies form a cycle: a → c → b → a"])
  }

  @Test("A dependency that is due after its dependent is refused") func dueAfter() {
    let errors = Self.errors(Self.item("a"), Self.item("b", due: "10 days before", ["dependencies": ["a"]]))
    #expect(errors.keys.sorted() == ["/items/1/dependencies/0"])
  }

  @Test("A duplicate key, an unknown dependency, or a blocking item after the launch is refused") func others() {
    #expect(Self.errors(Self.item("a"), Self.item("a")).keys.sorted() == ["/items/1/key"])
    #expect(Self.errors(Self.item("a", ["dependencies": ["aa"]])).keys.sorted() == ["/items/0/dependencies/0"])
    #expect(Self.errors(Self.item("a", due: "3 days after")).keys.sorted() == ["/items/0/due", "/items/0/gate"])
  }

  @Test("An item of the phase after the launch that is due before the launch is refused") func afterBefore() {
    let errors = Self.errors(Self.item("a"), Self.item("b", ["phase": "after", "gate": "advisory"]))
    #expect(errors.keys.sorted() == ["/items/1/due"])
    #expect(Self.errors(Self.item("b", due: "launch day", ["phase": "after", "gate": "advisory"])).isEmpty)
  }

  @Test(
    "A template that lets tier 3 get a GO without any work is refused",
    arguments: [
      (["phase": "after"], "/items/1/phase"), (["gate": "advisory"], "/items/1/gate"),
    ] as [([String: JSONValue], String)])
  func minor(fields: [String: JSONValue], pointer: String) {
    let minor = Self.item("b", due: "launch day", fields.merging(["tiers": [2, 3]]) { _, new in new })
    #expect(Self.errors(Self.item("a"), minor).keys.sorted() == [pointer])
    #expect(Self.errors(Self.item("a", ["tiers": [3]]), minor).isEmpty)
  }

  @Test("Invalid items are still checked together with the others and count as dependencies")
  func together() {
    let errors = Self.errors(
      Self.item("a", ["function": "enginering"]), Self.item("b", ["dependencies": ["a", "c"]]), Self.item("a"))
    #expect(errors.keys.sorted() == ["/items/0/function", "/items/1/dependencies/1", "/items/2/key"])
  }

  @Test("Unknown fields are refused in files and ignored on the wire") func unknownFields() throws {
    let item = Self.item("a", ["colour": "red"])
    #expect(Self.errors(item).keys.sorted() == ["/items/0/colour"])
    let template = try JSONCoding.decode(ChecklistTemplate.self, from: ["version": 1, "items": [item]])
    #expect(template.items.map(\.key) == ["a"])
  }

  @Test("A change is read, written and read back unchanged") func change() throws {
    let document: JSONValue = [
      "baseVersion": 1, "remove": ["b"],
      "add": [Self.item("a", ["approvals": ["legal", ["group": "product", "quorum": 2]], "condition": "pricing"])],
    ]
    let change = try TemplateChange(reading: document)
    #expect(change.add.first?.approvals == [ApprovalRule(group: "legal"), ApprovalRule(group: "product", quorum: 2)])
    #expect(try JSONCoding.decode(TemplateChange.self, from: try JSONCoding.encode(change)) == change)
    #expect(change.document == document)
    #expect(throws: Problem.self) { try TemplateChange(reading: ["baseVersion": 1]) }
  }
}
