import JSON
import Contract
import LaunchModel
import TestSupport
import Testing

@testable import TieringService

@Suite("Importing launches") struct ImportTests {
  private static func document(_ id: String, _ date: String = "2027-05-04") throws -> JSONValue {
    try TieringStage.document(["launch": .string(id), "date": .string(date)])
  }

  @Test("All launches are proposed in one transaction") func all() async throws {
    try await TieringStage.with { harness async throws in
      let documents = try (0..<5).map { try Self.document("l\($0)") }
      let list = try await harness.call(
        TieringRoutes.importLaunches, ImportLaunches(documents: documents), as: "ibrahim")
      #expect(list.launches.map(\.id.rawValue) == ["l0", "l1", "l2", "l3", "l4"])
      #expect(list.launches.last?.conflicts == 4 * 2, "each other launch shares a week and an owner")
      #expect(try await harness.announced(Announcements.launchProposed).count == 5)
      let last = try await harness.show(try #require(LaunchID("l4")))
      #expect(
        last.conflicts.count { $0.kind == .sameWeek } == 4,
        "of launches proposed at the same time, the later id has the conflict")
    }
  }

  @Test("One error or duplicate id stops the import, and all errors are reported with their positions") func none()
    async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      var faulty = try Self.document("l1").objectValue ?? [:]
      faulty["facts"] = ["kinds": ["big"]]
      let documents = [
        try Self.document("l0"), .object(faulty), try Self.document("smart-routing"), try Self.document("l0"),
      ]
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.importLaunches, ImportLaunches(documents: documents), as: "ibrahim")
      }
      #expect(problem?.errors.map(\.pointer) == ["/documents/1/facts/kinds/0", "/documents/2", "/documents/3"])
      #expect(try await harness.call(TieringRoutes.list, LaunchFilter(), as: "sam").launches.count == 1)
      #expect(try await harness.announced(Announcements.launchProposed).count == 1)
    }
  }

  @Test("Lists are returned in pages") func pages() async throws {
    try await TieringStage.with { harness async throws in
      let documents = try (0..<7).map { try Self.document("l\($0)", "2027-05-0\($0 / 3 + 1)") }
      try await harness.call(TieringRoutes.importLaunches, ImportLaunches(documents: documents), as: "ibrahim")
      var (filter, seen): (LaunchFilter, [String]) = (LaunchFilter(limit: 3), [])
      repeat {
        let page = try await harness.call(TieringRoutes.list, filter, as: "sam")
        #expect(page.launches.count <= 3)
        seen += page.launches.map(\.id.rawValue)
        filter.after = page.next
      } while filter.after != nil
      #expect(seen == ["l0", "l1", "l2", "l3", "l4", "l5", "l6"])
      for wrong in [LaunchFilter(limit: 0), LaunchFilter(limit: 1_001), LaunchFilter(after: "x")] {
        let problem = await #expect(throws: Problem.self) {
          try await harness.call(TieringRoutes.list, wrong, as: "sam")
        }
        #expect(problem?.kind == .invalid)
      }
    }
  }
}
