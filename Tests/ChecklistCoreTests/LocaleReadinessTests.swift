import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite("Readiness by locale") struct LocaleReadinessTests {
  private static func checklist(_ locales: [String] = ["en", "de", "fr"]) -> LaunchChecklist {
    Fixture.checklist(
      Fixture.record(locales: locales), Fixture.item("kb", .support, expand: .locales),
      Fixture.item("macro", .support, gate: .advisory, expand: .locales), Fixture.item("faq", .support),
      Fixture.item("copy", .marketing))
  }

  private static func support(_ checklist: LaunchChecklist) throws -> LocaleReadiness? {
    checklist.functions(at: try Fixture.noon("2027-02-01")).first { $0.function == .support }?.locales
  }

  private static func reasons(_ checklist: LaunchChecklist) throws -> [String] {
    checklist.reasonsAgainstGo(at: try Fixture.noon("2027-02-01"), isExposed: false).filter { $0.item == "kb" }
      .map(\.detail)
  }

  @Test("A locale is ready when all its items are, in the order of the launch")
  func ready() throws {
    var checklist = Self.checklist()
    #expect(try Self.support(checklist) == LocaleReadiness(ready: [], missing: ["en", "de", "fr"]))
    for locale in ["de", "en"] { try checklist.act(.done, "kb", as: "sam", instance: locale) }
    #expect(try Self.support(checklist)?.ready == [], "the macro is missing")
    for locale in ["de", "en"] { try checklist.act(.done, "macro", as: "sam", instance: locale) }
    #expect(try Self.support(checklist)?.description == "ready in en and de, fr missing")
    try checklist.act(.waive, "kb", as: "dana", instance: "fr")
    try checklist.act(.markNotApplicable, "macro", as: "sam", instance: "fr")
    #expect(try Self.support(checklist)?.description == "ready in en, de and fr")
    try checklist.act(.reopen, "kb", as: "sam", instance: "de")
    #expect(try Self.support(checklist)?.description == "ready in en and fr, de missing")
  }

  @Test("Nothing is said about locales for a launch in one language, or a function without items by locale")
  func single() throws {
    #expect(try Self.support(Self.checklist(["de"])) == nil)
    let functions = Self.checklist().functions(at: try Fixture.noon("2027-02-01"))
    #expect(functions.first { $0.function == .marketing }?.locales == nil)
  }

  @Test("A locale that the launch no longer has does not count")
  func removed() throws {
    var checklist = Self.checklist()
    try checklist.act(.done, "kb", as: "sam", instance: "en")
    let next = Fixture.record(locales: ["en", "de"], version: 2)
    _ = checklist.update(
      to: next,
      template: Fixture.template(
        Fixture.item("kb", .support, expand: .locales),
        Fixture.item("macro", .support, gate: .advisory, expand: .locales), Fixture.item("faq", .support),
        Fixture.item("copy", .marketing)),
      in: LaunchCalendars(of: next.plan, from: CalendarSet([:])))
    #expect(try Self.support(checklist)?.missing == ["en", "de"])
  }

  @Test("The reasons against GO name only once the locales in which an item is ready")
  func reasons() throws {
    var checklist = Self.checklist(["en", "de", "fr", "pl"])
    #expect(try Self.reasons(checklist).count == 4)
    #expect(try Self.reasons(checklist).allSatisfy { !$0.contains("ready in") }, "no locale is ready")
    for locale in ["en", "de"] { try checklist.act(.done, "kb", as: "sam", instance: locale) }
    let details = try Self.reasons(checklist)
    #expect(details.count == 2)
    #expect(details[0].hasPrefix("kb/fr (Support) is open"))
    #expect(details[0].hasSuffix("; ready in en and de, fr and pl missing"))
    #expect(details[1].hasPrefix("kb/pl (Support) is open") && !details[1].contains("ready in"))
  }
}
