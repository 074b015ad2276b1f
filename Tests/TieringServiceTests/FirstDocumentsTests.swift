import Foundation
import JSON
import Contract
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@testable import TieringService

@Suite("Initial documents") struct FirstDocumentsTests {
  private static func write(_ name: String, _ text: String, in folder: String) throws {
    let file = URL(filePath: "\(folder)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  private static let policy = """
    version: 9
    otherwise: 3
    rules:
      - {key: big, tier: 1, when: {kinds: [new-surface]}, because: big}
    """

  @Test("The configured policy and calendars are adopted once") func configured() async throws {
    try await withTemporaryFolder { folder in
      try Self.write("policy.yaml", Self.policy, in: folder)
      try Self.write("calendars/acme.yaml", "calendar: ACME\nholidays: {2027-05-14: Company day}\n", in: folder)
      let event = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20270515\nSUMMARY:Plant closed\nEND:VEVENT\n"
      try Self.write("calendars/PLANT.ics", "BEGIN:VCALENDAR\n\(event)END:VCALENDAR\n", in: folder)
      try await StorageEngine.standard.withFolder { store in
        for _ in 0..<2 {
          try await withServiceHarness(TieringService.self, at: TieringStage.start, in: store, configuration: folder) {
            harness async throws in
            let shown = try await harness.call(TieringRoutes.showPolicy, VersionReference())
            #expect(shown.documentVersion == 1)
            #expect(shown.document["rules"]?.arrayValue?.map { $0["key"] } == ["big"])
            let acme = try await harness.call(TieringRoutes.showCalendar, CalendarReference(calendar: "ACME"))
            #expect(acme.holidays == ["2027-05-14": "Company day"])
            #expect(acme.version == 1)
            let plant = try await harness.call(TieringRoutes.showCalendar, CalendarReference(calendar: "PLANT"))
            #expect(plant.holidays == ["2027-05-15": "Plant closed"])
          }
        }
      }
    }
  }

  @Test("A document that exists but cannot be read prevents the start", arguments: ["policy.yaml", "calendars/a.yaml"])
  func unreadable(_ name: String) async throws {
    try await withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      let failure = await #expect(throws: StartError.self) {
        try await withServiceHarness(TieringService.self, at: TieringStage.start, configuration: folder) { _ in }
      }
      #expect(failure?.message.contains("cannot read \(folder)/\(name)") == true)
    }
  }

  @Test("A file in place of the calendars folder prevents the start")
  func noFolder() async throws {
    try await withTemporaryFolder { folder in
      try Self.write("calendars", "", in: folder)
      let failure = await #expect(throws: StartError.self) {
        try await withServiceHarness(TieringService.self, at: TieringStage.start, configuration: folder) { _ in }
      }
      #expect(failure?.message.contains("cannot read \(folder)/calendars") == true)
    }
  }

  @Test(
    "An invalid document is reported with file and line, and the service does not start",
    arguments: [
      (
        "policy.yaml", "version: 1\nrules:\n  - {key: a, tier: 1, when: pricing, because: x}\n",
        "some cases match no rule"
      ),
      (
        "policy.yaml", "version: 1\notherwise: 3\nrules:\n  - {key: a, tier: 9, when: pricing, because: x}\n",
        "line 4: /rules/0/tier"
      ),
      ("calendars/a.yaml", "calendar: A\nholidays:\n  2027-13-01: x\n", "line 3: /holidays/2027-13-01"),
      ("calendars/B.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n", "line 2: "),
    ])
  func errors(_ name: String, _ text: String, _ words: String) async throws {
    try await withTemporaryFolder { folder in
      try Self.write(name, text, in: folder)
      let failure = await #expect(throws: StartError.self) {
        try await withServiceHarness(TieringService.self, at: TieringStage.start, configuration: folder) { _ in }
      }
      let message = failure.map { "\($0)" } ?? ""
      #expect(message.contains(name) && message.contains(words), "\(message)")
    }
  }
}
