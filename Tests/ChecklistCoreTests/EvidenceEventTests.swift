import ChecklistCore
import Contract
import JSON
import LaunchModel
import Testing

@Suite struct EvidenceEventTests {
  @Test(
    "Evidence names an item and an instance of the launch",
    arguments: [
      ("qa", nil, nil), ("kb", "de", nil), ("mail", nil, nil), ("qaa", nil, "\"qa\""), ("kb", "fr", "en, de"),
      ("kb", nil, "missing"), ("mail", "vip", "no instances"), ("tested", "any", nil),
    ] as [(String, String?, String?)])
  func items(key: String, instance: String?, expected: String?) throws {
    let checklist = Fixture.checklist(
      Fixture.record(locales: ["en", "de"]), Fixture.item("qa"), Fixture.item("kb", expand: .locales),
      Fixture.item("mail", expand: .segments),
      Fixture.item("tested", completedBy: CompletionRule(type: SignalType.evidenceRecorded.rawValue)))
    var data: [String: JSONValue] = ["launch": "smart-routing", "item": .string(key), "outcome": "passed"]
    data["instance"] = instance.map { .string($0) }
    let event = EvidenceEvent(
      type: SignalType.evidenceRecorded.rawValue, reference: "//ci 1", at: Fixture.at("2027-02-01T12:00:00Z"),
      document: ["data": .object(data)])
    var detail: String?
    do throws(EventError) {
      try checklist.requireItem(of: event)
    } catch {
      #expect(error.code == "unknown-item")
      detail = error.detail
    }
    #expect((detail == nil) == (expected == nil))
    #expect(detail?.contains(expected ?? "") ?? true)
  }
}
