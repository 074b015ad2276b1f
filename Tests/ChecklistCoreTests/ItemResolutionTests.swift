import ChecklistCore
import Contract
import JSON
import LaunchModel
import Testing

@Suite("Resolving item names")
struct ItemResolutionTests {
  private let checklist = Fixture.checklist(
    Fixture.record(locales: ["en", "de"], segments: ["enterprise"]), Fixture.item("qa"),
    Fixture.item("kb-article", expand: .locales), Fixture.item("segment-email", expand: .segments))

  private func resolve(_ names: [String], all: Bool = false, in other: LaunchChecklist? = nil) throws -> [String] {
    try (other ?? checklist).resolve(.several(names, allInstances: all)).map(\.name)
  }

  private func problem(_ names: [String], all: Bool = false) -> Problem? {
    #expect(throws: Problem.self) { try resolve(names, all: all) }
  }

  @Test("A key names its item or only instance; an instance names itself; each item appears once, in order")
  func named() throws {
    #expect(
      try resolve(["segment-email", "kb-article/de", "qa", "segment-email/enterprise", "qa"]) == [
        "segment-email/enterprise", "kb-article/de", "qa",
      ])
  }

  @Test("A key with several instances matches all of them only on request")
  func instances() throws {
    #expect(try resolve(["kb-article/de", "kb-article"], all: true) == ["kb-article/de", "kb-article/en"])
    let problem = problem(["qa", "kb-article"])
    #expect(problem?.kind == .invalid)
    #expect(problem?.code == "item-ambiguous")
    #expect(
      problem?.errors == [
        FieldError(
          pointer: "/keys/1",
          detail: "kb-article is ambiguous: kb-article/en, kb-article/de. Name one, or pass --all-instances.")
      ])
  }

  @Test("Every unknown name is reported with suggestions")
  func unknown() {
    let problem = problem(["kb-articel/de", "kb-article/fr", "frobnicate", "qa"])
    #expect(problem?.kind == .notFound)
    #expect(problem?.code == "item-not-found")
    #expect(problem?.errors.map(\.pointer) == ["/keys/0", "/keys/1", "/keys/2"])
    #expect(
      problem?.errors.map(\.detail) == [
        """
        no item "kb-articel/de" in smart-routing (did you mean "kb-article/de"?); see gonogo item list smart-routing
        """,
        "no item \"kb-article/fr\" in smart-routing; kb-article has kb-article/en, kb-article/de",
        "no item \"frobnicate\" in smart-routing; see gonogo item list smart-routing",
      ])
    #expect(problem?.detail.hasSuffix("(and 2 more)") == true)
  }

  @Test("Void instances match only if the key has no others")
  func void() throws {
    var checklist = checklist
    _ = checklist.update(
      to: Fixture.record(locales: ["en"], version: 2),
      template: Fixture.template(
        Fixture.item("qa"), Fixture.item("kb-article", expand: .locales),
        Fixture.item("segment-email", expand: .segments)),
      in: LaunchCalendars(of: Fixture.record().plan, from: CalendarSet([:])))
    #expect(checklist.state("kb-article", "de") == .voided)
    #expect(try resolve(["kb-article"], in: checklist) == ["kb-article/en"])
    #expect(try resolve(["kb-article"], all: true, in: checklist) == ["kb-article/en"])
    #expect(try resolve(["kb-article/de"], in: checklist) == ["kb-article/de"])
  }

  @Test("Names that match more items than a call may change are refused")
  func tooMany() throws {
    let locales = (0..<200).map { "x-\($0)" }
    let large = Fixture.checklist(
      Fixture.record(locales: locales), Fixture.item("a", expand: .locales), Fixture.item("b", expand: .locales),
      Fixture.item("c", expand: .locales))
    #expect(try resolve(["a", "b"], all: true, in: large).count == 400)
    let problem = #expect(throws: Problem.self) { try resolve(["a", "b", "c"], all: true, in: large) }
    #expect(problem?.kind == .tooLarge)
    #expect(problem?.code == "too-many-items")
  }

  @Test("The size of an error is bounded, whatever names were given")
  func bounded() throws {
    let large = Fixture.checklist(
      Fixture.record(locales: (0..<200).map { "x-\($0)" }), Fixture.item("a", expand: .locales))
    let problem = #expect(throws: Problem.self) {
      try resolve(Array(repeating: "a", count: 500), in: large)
    }
    #expect(problem?.errors.count == 50)
    #expect(problem?.errors[0].detail.contains("a/x-19 and 180 more. Name one") == true)
  }

  @Test(
    "the parameters name one item or several, in only one of the two ways",
    arguments: [
      (#"{}"#, "/key"), (#"{"key": "qa", "keys": ["qa"]}"#, "/keys"), (#"{"keys": []}"#, "/keys"),
      (#"{"keys": ["qa"], "instance": "de"}"#, "/instance"), (#"{"key": "qa", "allInstances": true}"#, "/allInstances"),
    ])
  func ambiguous(text: String, pointer: String) throws {
    var value = try JSONValue(parsing: Array(text.utf8)).objectValue ?? [:]
    value["launch"] = "sso"
    let action = try JSONCoding.decode(ItemAction.self, from: .object(value))
    let problem = #expect(throws: Problem.self) { _ = try action.selection }
    #expect(problem?.kind == .invalidParams)
    #expect(problem?.errors.map(\.pointer) == [pointer])
  }

  @Test("up to 500 names are accepted in a call")
  func limit() throws {
    let names = (1...500).map { "item-\($0)" }
    #expect(
      try ItemSelection(key: nil, instance: nil, keys: names, allInstances: nil)
        == .several(names, allInstances: false))
    let problem = #expect(throws: Problem.self) {
      try ItemSelection(key: nil, instance: nil, keys: names + ["qa"], allInstances: nil)
    }
    #expect(problem?.code == "too-many-items")
    #expect(
      problem?.detail == "501 items are named, and one call accepts at most 500; split them over several calls")
  }
}
