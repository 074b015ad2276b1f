import ChecklistCore
import JSON
import Contract
import LaunchModel
import Testing

@Suite struct SignalFormTests {
  private static let evidence: JSONValue = ["launch": "smart-routing", "item": "qa", "outcome": "passed"]
  private static let flag: JSONValue = ["flag": "smart-routing", "percentage": 5, "environment": "production"]
  private static let deploy: JSONValue = ["service": "router", "outcome": "success", "launch": .null]
  private static let article: JSONValue = ["article": "intro", "locale": "de", "url": "https://kb.example/intro"]

  private func fault(_ type: SignalType, _ data: JSONValue?) -> SignalFault? {
    do throws(SignalFault) {
      try SignalForm.check(data, of: type)
      return nil
    } catch {
      return error
    }
  }

  @Test("data with what their type needs are in order")
  func inOrder() {
    #expect(fault(.evidenceRecorded, Self.evidence) == nil)
    #expect(fault(.flagChanged, Self.flag) == nil)
    #expect(fault(.deployFinished, Self.deploy) == nil)
    #expect(fault(.articlePublished, Self.article) == nil)
    #expect(fault(.deployFinished, nil)?.code == "malformed-data")
  }

  @Test(
    "data without a field that their type needs, or with one of another form, are at fault, and it is named",
    arguments: [
      (.evidenceRecorded, evidence, "outcome", "maybe"), (.evidenceRecorded, evidence, "outcome", nil),
      (.evidenceRecorded, evidence, "launch", 5), (.evidenceRecorded, evidence, "item", nil),
      (.evidenceRecorded, evidence, "instance", ["de"]), (.evidenceRecorded, evidence, "url", 1),
      (.flagChanged, flag, "environment", nil), (.flagChanged, flag, "flag", ""),
      (.flagChanged, flag, "percentage", 101), (.flagChanged, flag, "percentage", nil),
      (.deployFinished, deploy, "outcome", nil), (.deployFinished, deploy, "service", .null),
      (.deployFinished, deploy, "feature", "a\u{0}"), (.articlePublished, article, "locale", nil),
    ] as [(SignalType, JSONValue, String, JSONValue?)])
  func atFault(type: SignalType, data: JSONValue, field: String, value: JSONValue?) {
    var members = data.objectValue ?? [:]
    members[field] = value
    let fault = fault(type, .object(members))
    #expect(fault?.code == "malformed-data")
    #expect(fault?.detail.contains("data.\(field) ") == true)
  }

  @Test(
    "evidence names an item and an instance that the launch has",
    arguments: [
      ("qa", nil, nil), ("kb", "de", nil), ("mail", nil, nil), ("qaa", nil, "\"qa\""), ("kb", "fr", "en, de"),
      ("kb", nil, "missing"), ("mail", "vip", "no instances"), ("tested", "any", nil),
    ] as [(String, String?, String?)])
  func items(key: String, instance: String?, told: String?) throws {
    let checklist = Fixture.checklist(
      Fixture.record(locales: ["en", "de"]), Fixture.item("qa"), Fixture.item("kb", expand: .locales),
      Fixture.item("mail", expand: .segments),
      Fixture.item("tested", completedBy: CompletionRule(type: SignalType.evidenceRecorded.rawValue)))
    var data: [String: JSONValue] = ["launch": "smart-routing", "item": .string(key), "outcome": "passed"]
    data["instance"] = instance.map { .string($0) }
    let signal = Signal(
      type: SignalType.evidenceRecorded.rawValue, reference: "//ci 1", at: Fixture.at("2027-02-01T12:00:00Z"),
      event: ["data": .object(data)])
    var detail: String?
    do throws(SignalFault) {
      try checklist.requireItem(of: signal)
    } catch {
      #expect(error.code == "unknown-item")
      detail = error.detail
    }
    #expect((detail == nil) == (told == nil))
    #expect(detail?.contains(told ?? "") ?? true)
  }
}
