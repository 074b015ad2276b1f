import JSON
import LaunchModel
import Testing

@Suite("Reading what items require") struct RequirementReadingTests {
  private static func item(_ more: [String: JSONValue]) -> JSONValue { TemplateLintTests.item("a", more) }

  private static func read(_ more: [String: JSONValue]) throws -> TemplateItem {
    try #require(try ChecklistTemplate(reading: ["version": 1, "items": [item(more)]]).items.first)
  }

  /// Each row: an entry as in a file, and what it means. YAML reads `{link}` as a link without value.
  @Test(
    "Each kind of entry in requires is read, and read back after being written",
    arguments: [
      (["link": .null], .evidence([.link])), ("link", .evidence([.link])), (["file": true], .evidence([.file])),
      (["text": 40], .evidence([.text(characters: 40)])), (["text": .null], .evidence([.text(characters: 1)])),
      (["text": 10, "link": .null], .evidence([.link, .text(characters: 10)])),
      (["event": .null, "link": .null], .evidence([.link, .event])),
      (["person": "rollback"], .person(role: "rollback")),
      (["people": ["cs", "support"]], .people([.cs, .support])), (["field": "rollout"], .field(.rollout)),
      (["field": "flag"], .field(.flag)), (["field": "allHands"], .field(.allHands)),
      (["date": "allHands"], .date(.allHands)), (["date": "date"], .date(.date)), (["shifts": 14], .shifts(days: 14)),
    ] as [(JSONValue, Requirement)])
  func entries(entry: JSONValue, expected: Requirement) throws {
    let item = try Self.read(["requires": [entry]])
    #expect(item.requires == [expected])
    #expect(try JSONCoding.decode(TemplateItem.self, from: try JSONCoding.encode(item)) == item)
  }

  @Test(
    "A faulty entry is refused with its position",
    arguments: [
      ([["links": .null]], "/requires/0/links"), ([["text": 0]], "/requires/0/text"),
      ([["link": 3]], "/requires/0/link"),
      ([["person": .null]], "/requires/0/person"), ([["person": " "]], "/requires/0/person"),
      ([["people": ["sc"]]], "/requires/0/people/0"), ([["people": .array([])]], "/requires/0/people"),
      ([["field": "rollouts"]], "/requires/0/field"), ([["date": "tomorrow"]], "/requires/0/date"),
      ([["shifts": 0]], "/requires/0/shifts"), ([["link": .null, "person": "x"]], "/requires/0"),
      ([["person": "x", "shifts": 14]], "/requires/0"), ([.object([:])], "/requires/0"), ([7], "/requires/0"),
      (["link", ["link": true]], "/requires/1"), ("link", "/requires"),
    ] as [(JSONValue, String)])
  func faults(requires: JSONValue, pointer: String) {
    #expect(TemplateLintTests.errors(Self.item(["requires": requires])).keys.sorted() == ["/items/0\(pointer)"])
  }

  @Test(
    "An item with the old and the new form of one requirement is refused at the old one",
    arguments: [
      (["condition": "pricing", "when": "pricing"], "condition"),
      (["evidence": ["text"], "requires": ["link"]], "evidence"),
      (["evidence": "none", "requires": ["link"]], "evidence"),
    ] as [([String: JSONValue], String)])
  func bothForms(fields: [String: JSONValue], field: String) {
    #expect(TemplateLintTests.errors(Self.item(fields)).keys.sorted() == ["/items/0/\(field)"])
  }

  @Test("Old forms are kept, and written as they were read") func oldForms() throws {
    let item = try Self.read(["condition": "pricing", "evidence": ["link", "text"]])
    #expect(item.requires == nil && item.when == nil)
    #expect(item.condition == .pricing && item.evidence == [.link, .text])
    #expect(item.applicability == .flag(.pricing))
    #expect(item.document["condition"] == "pricing" && item.document["evidence"] == ["link", "text"])
    #expect(item.document["requires"] == nil && item.document["when"] == nil)
  }

  @Test("evidence: none requires nothing, unlike an item that has neither form") func tick() throws {
    #expect(try Self.read(["evidence": "none"]).requires == [])
    #expect(try Self.read([:]).requires == nil)
    let item = try Self.read(["evidence": "none"])
    #expect(try JSONCoding.decode(TemplateItem.self, from: try JSONCoding.encode(item)) == item)
  }

  @Test("Owners of functions are read, and an unknown function is refused with the nearest one") func owners() throws {
    let document: JSONValue = ["version": 1, "owners": ["engineering": "ibrahim"], "items": [Self.item([:])]]
    let template = try ChecklistTemplate(reading: document)
    #expect(template.owners == ["engineering": "ibrahim"])
    #expect(try ChecklistTemplate(reading: template.document) == template)
    let problem = #expect(throws: Problem.self) {
      try ChecklistTemplate(
        reading: ["version": 1, "owners": ["enginering": "ibrahim", "cs": ""], "items": [Self.item([:])]])
    }
    #expect(problem?.errors.map(\.pointer) == ["/owners/cs", "/owners/enginering"])
    #expect(problem?.errors.last?.detail.contains("did you mean \"engineering\"?") == true)
  }
}

@Suite("Conditions on facts") struct FactConditionTests {
  private static func condition(_ document: JSONValue) throws -> FactCondition {
    let faults = DocumentErrors()
    let condition = FactCondition(reading: document, at: .root, faults)
    #expect(faults.faults.isEmpty)
    return try #require(condition)
  }

  /// The kind `new-feature` and the audience `most`; `pricing` is true and `breaking` false, `personalData` is unknown, and
  /// the other flags are omitted.
  private static let facts = Facts(
    kinds: [.newFeature], audience: .known(.most),
    flags: [.pricing: .known(true), .breaking: .known(false), .personalData: .unknown])

  @Test(
    "A condition may hold unless the facts rule it out; an unknown or omitted fact may have either value",
    arguments: [
      ("pricing", true), ("breaking", false), ("personalData", true), ("companyWide", true),
      (["not": "pricing"], false), (["not": "breaking"], true), (["not": "personalData"], true),
      (["not": "companyWide"], true), (["kinds": ["new-feature", "flagship"]], true), (["kinds": ["flagship"]], false),
      (["not": ["kinds": ["flagship"]]], true), (["audience": ["all", "most"]], true), (["audience": ["all"]], false),
      (["all": ["pricing", "personalData"]], true), (["all": ["pricing", "breaking"]], false),
      (["any": ["breaking", ["kinds": ["flagship"]]]], false), (["any": ["breaking", "companyWide"]], true),
      (["not": ["any": ["breaking", "personalData"]]], true), (["not": ["all": ["pricing", "companyWide"]]], true),
      (["not": ["any": ["pricing", "companyWide"]]], false),
    ] as [(JSONValue, Bool)])
  func outcomes(document: JSONValue, mayHold: Bool) throws {
    let condition = try Self.condition(document)
    #expect(condition.mayHold(for: Self.facts) == mayHold)
    #expect(condition.document == document, "it is written as it was read")
  }

  @Test("An audience that is omitted or unknown may be any", arguments: [nil, Stated.unknown] as [Stated<Audience>?])
  func openAudience(audience: Stated<Audience>?) throws {
    let facts = Facts(kinds: [.bugFix], audience: audience)
    #expect(try Self.condition(["audience": ["all"]]).mayHold(for: facts))
    #expect(try Self.condition(["not": ["audience": ["all"]]]).mayHold(for: facts))
  }

  @Test(
    "A condition that no launch can meet is reported",
    arguments: [
      ("pricing", true), (["all": ["pricing", ["not": "pricing"]]], false),
      (["all": [["audience": ["all"]], ["audience": ["most", "none"]]]], false),
      (["all": [["any": ["pricing", "breaking"]], ["not": "pricing"], ["not": "breaking"]]], false),
      (["all": [["any": ["pricing", "breaking"]], ["not": "pricing"]]], true),
      (["all": [["kinds": ["flagship"]], ["kinds": ["bug-fix"]]]], true),
      (["not": ["kinds": .array(ChangeKind.allCases.map { .string($0.rawValue) })]], false),
      (["not": ["audience": .array(Audience.allCases.map { .string($0.rawValue) })]], false),
    ] as [(JSONValue, Bool)])
  func satisfiable(document: JSONValue, isSatisfiable: Bool) throws {
    #expect(try Self.condition(document).isSatisfiable == isSatisfiable)
  }

  @Test("A condition is shown in words")
  func words() throws {
    let condition = try Self.condition([
      "all": [["audience": ["all", "most"]], ["any": ["breaking", ["not": "pricing"]]], ["kinds": ["flagship"]]]
    ])
    #expect("\(condition)" == "audience all/most and (breaking or not pricing) and kind flagship")
  }
}
