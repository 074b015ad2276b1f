import ChecklistCore
import JSON
import Contract
import LaunchModel
import Testing

@Suite struct SignalTests {
  static let articlePublished = SignalType.articlePublished.rawValue
  static let evidenceRecorded = SignalType.evidenceRecorded.rawValue

  static func signal(
    _ type: String, _ data: JSONValue, id: String = "1", at: String = "2027-02-10T12:00:00Z"
  ) -> EvidenceEvent {
    EvidenceEvent(
      type: type, reference: "//kb \(id)", at: Fixture.at(at), document: ["type": .string(type), "data": data])
  }

  private let article = Fixture.item(
    "kb", .support, expand: .locales,
    completedBy: CompletionRule(
      type: articlePublished, where: ["/data/feature": "{feature}", "/data/locale": "{locale}"]))

  @Test("An event completes the matching instance and is recorded as its evidence")
  func completes() throws {
    var checklist = Fixture.checklist(Fixture.record(locales: ["en", "de"]), article)
    let signal = Self.signal(Self.articlePublished, ["feature": "smart-routing", "locale": "de", "article": "a"])
    let events = checklist.apply(signal, at: try Fixture.noon("2027-02-11"))
    #expect(events.map(\.item.name) == ["kb/de"])
    #expect(checklist.state("kb", "de") == .done)
    #expect(checklist.state("kb", "en") == .open)
    #expect(checklist.items[1].doneOn == Fixture.day("2027-02-10"))
    #expect(checklist.items[1].evidence.map(\.value) == ["//kb 1"])
    #expect(checklist.apply(signal, at: try Fixture.noon("2027-02-11")) == [])
  }

  @Test(
    "An unrelated event changes nothing",
    arguments: [
      ["feature": "other", "locale": "de"], ["locale": "de"], ["feature": "smart-routing"],
      ["feature": "smart-routing", "locale": "fr"], ["launch": "other", "feature": "smart-routing", "locale": "de"],
    ] as [JSONValue])
  func elsewhere(data: JSONValue) throws {
    var checklist = Fixture.checklist(Fixture.record(locales: ["en", "de"]), article)
    #expect(checklist.apply(Self.signal(Self.articlePublished, data), at: try Fixture.noon("2027-02-11")) == [])
  }

  private func outcome(_ outcome: String, id: String, at: String) -> EvidenceEvent {
    Self.signal(
      Self.evidenceRecorded, ["launch": "smart-routing", "item": "qa", "outcome": .string(outcome)], id: id, at: at)
  }

  @Test(
    "A later contrary event reopens the item; an earlier one that arrives late does not",
    arguments: [("2027-02-10T13:00:00Z", ItemState.open), ("2027-02-10T11:00:00Z", .done)])
  func contrary(at: String, state: ItemState) throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("qa"))
    let moment = try Fixture.noon("2027-02-11")
    _ = checklist.apply(outcome("passed", id: "1", at: "2027-02-10T12:00:00Z"), at: moment)
    _ = checklist.apply(outcome("failed", id: "2", at: at), at: moment)
    #expect(checklist.state("qa") == state)
  }

  @Test("A passed run older than the known failure does not complete the item")
  func latePass() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("qa"))
    let moment = try Fixture.noon("2027-02-11")
    _ = checklist.apply(outcome("failed", id: "2", at: "2027-02-10T13:00:00Z"), at: moment)
    _ = checklist.apply(outcome("passed", id: "1", at: "2027-02-10T12:00:00Z"), at: moment)
    #expect(checklist.state("qa") == .open)
    #expect(checklist.items[0].evidence.map(\.isContrary) == [true, false])
  }

  @Test("An event does not replace approvals or dependencies")
  func notByItself() throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("qa", dependencies: ["other"]), Fixture.item("other"))
    let moment = try Fixture.noon("2027-02-11")
    _ = checklist.apply(outcome("passed", id: "1", at: "2027-02-10T12:00:00Z"), at: moment)
    #expect(checklist.state("qa") == .open)
    var reviewed = Fixture.checklist(Fixture.record(), Fixture.item("qa", review: true))
    _ = reviewed.apply(outcome("passed", id: "1", at: "2027-02-10T12:00:00Z"), at: moment)
    #expect(reviewed.state("qa") == .open)
    #expect(reviewed.items[0].evidence.count == 1)
  }

  @Test("An item that another service completes cannot be marked as done by hand")
  func metricsOnly() {
    let rule = CompletionRule(type: Announcements.metricsSealed.name, where: ["/data/launch": "{launch}"])
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("metrics", .product, completedBy: rule))
    #expect(refusal { try checklist.act(.done, "metrics", as: "petra") } == "completed-by-metrics")
  }
}
