import Contract
import JSON
import LaunchModel
import Messaging
import TestSupport
import Testing

@testable import TieringService

@Suite("Standing in for a launch's owner") struct DelegationTests {
  @Test("A stand-in may change the launch until the last day ends in its zone, and both people are recorded")
  func owner() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let last = try #require(LocalDate("2027-02-03"))
      var roster = try TieringStage.roster()
      roster.delegates = [Delegation(from: "ibrahim", to: "sam", until: last)]
      try await harness.adopt(roster, version: 2)
      func rename(_ name: String) async throws -> LaunchRecord {
        let change = SetLaunch(launch: try smartRouting(), set: ["name": .string(name)])
        return try await harness.call(TieringRoutes.set, change, as: "sam")
      }
      // A minute before midnight in New York.
      harness.clock.set(try #require(Timestamp("2027-02-04T04:59:00Z")))
      #expect(try await rename("Smarter routing").version == 2)
      let announced = try await harness.announcements(of: Announcements.launchFactsChanged.name)
      #expect(announced.last?.data?["by"]?.stringValue == "sam for ibrahim")
      harness.clock.set(try #require(Timestamp("2027-02-04T05:00:00Z")))
      let refused = await #expect(throws: Problem.self) { _ = try await rename("Smartest routing") }
      #expect(refused?.kind == .forbidden)
      #expect(try await harness.show(try smartRouting()).plan.name == "Smarter routing")
    }
  }
}
