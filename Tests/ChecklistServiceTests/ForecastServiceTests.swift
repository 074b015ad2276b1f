import ChecklistService
import Contract
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@Suite struct ForecastServiceTests {
  private static func readiness(_ stage: Stage, asOf moment: Timestamp? = nil) async throws -> ReadinessView {
    try await stage.harness.call(
      ChecklistRoutes.readiness, LaunchReference(launch: Stage.launch, asOf: moment), as: "erin")
  }

  @Test("Readiness and the board have the same forecast, and say that there is too little history")
  func forecast() async throws {
    try await Stage.with { stage in
      let forecast = try #require(try await Self.readiness(stage).forecast)
      #expect(forecast.launches == 0 && forecast.note?.hasPrefix("too little history: 0 of the 5 launches") == true)
      #expect(forecast.low <= forecast.median && forecast.median <= forecast.high)
      #expect(forecast.drivers.count == 3)
      let board = try await stage.harness.call(ChecklistRoutes.board, BoardReference(), as: "erin")
      #expect(board.launches.map(\.forecast) == [forecast])
      let again = try await Self.readiness(stage).forecast
      #expect(again == forecast, "the simulation is seeded")
    }
  }

  @Test("The forecast follows completed work, and is never a reason against GO")
  func follows() async throws {
    try await Stage.with { stage in
      let before = try #require(try await Self.readiness(stage).forecast)
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      let after = try #require(try await Self.readiness(stage).forecast)
      #expect(after.chance > before.chance)
      try await stage.makeReady()
      let ready = try await Self.readiness(stage)
      #expect(ready.recommendation == .go && ready.forecast?.chance == 1 && ready.forecast?.drivers == [])
      #expect(ready.forecast?.high == Stage.day("2027-02-01") && ready.forecast?.note == nil)
    }
  }

  @Test("An item that stays open as days pass lowers the chance")
  func waiting() async throws {
    try await Stage.with { stage in
      let first = try #require(try await Self.readiness(stage).forecast)
      stage.set("2027-02-22T15:00:00Z")
      let later = try #require(try await Self.readiness(stage).forecast)
      #expect(later.chance < first.chance && later.median > first.median)
    }
  }

  @Test("A launch learns from the others that were decided on")
  func learns() async throws {
    try await Stage.with { stage in
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await stage.decide(.noGo)
      #expect(try await Self.readiness(stage).forecast?.launches == 1)
    }
  }

  @Test("There is no forecast for a past moment, or for a launch that customers have")
  func none() async throws {
    try await Stage.with { stage in
      let past = try await Self.readiness(stage, asOf: Stage.at("2027-02-01T15:00:00Z"))
      #expect(past.forecast == nil)
      let board = try await stage.harness.call(
        ChecklistRoutes.board, BoardReference(asOf: Stage.at("2027-02-01T15:00:00Z")), as: "erin")
      #expect(board.launches.map(\.forecast) == [nil])
      try await stage.harness.call(ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "petra")
      #expect(try await Self.readiness(stage).forecast == nil)
    }
  }
}
