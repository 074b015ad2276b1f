import JSON
import Contract
import LaunchModel
import Messaging
import TestSupport
import Testing

@Suite(
  "Adoption of a real event stream, through every process", .timeLimit(.minutes(10)),
  .enabled(if: TestData.isAvailable, "\(TestData.unavailable)"),
  .enabled(if: PythonPublisher.isAvailable, "\(PythonPublisher.unavailable)"))
struct AdoptionEndToEndTests {
  @Test("All 300 figures are exact for shuffled, repeated events from Python, even after restarts and rebuilds")
  func allFigures() async throws {
    let data = try AdoptionData()
    let services: [ServiceName] = [.bus, .tiering, .checklist, .metrics]
    try await withRunningSystem(services, clock: Self.clock) { system in
      let launches = data.exposures.shuffled()
      try await expose(launches.prefix(25), in: system)
      try await publish(data.events, to: system)
      try await expose(launches.dropFirst(25), in: system)
      try await check(data, in: system)
      for service in services.reversed() { #expect(try await system.stop(service) == 0) }
      for service in services { try await system.start(service) }
      try await check(data, in: system)
      for launch in launches {
        _ = try await system.client(.metrics).call(MetricsRoutes.rebuild, LaunchAction(launch: launch.launch))
      }
      try await check(data, in: system)
    }
  }

  /// The time at which the windows of all exposures have ended.
  private static let clock = ScaledClock.setting(
    start: Timestamp(microseconds: 1_798_794_000_000_000), rate: 1, anchor: SystemClock().now())

  /// Publishes the events in any order, every tenth twice.
  private func publish(_ events: [CloudEvent], to system: RunningSystem) async throws {
    let lines = AdoptionData.Order.repeated.arranged(events).map { $0.encoded() }
    let run = try await PythonPublisher.publish(lines, environment: system.environment)
    #expect(run.status == 0, "\(run.errors)")
    let (stored, repeated) = (Int64(events.count), Int64(lines.count - events.count))
    #expect(
      try JSONValue(parsing: run.output)
        == ["stored": .integer(stored), "duplicate": .integer(repeated), "rejected": 0])
  }

  /// Proposes the launches, seals their metrics, and ships them at the times in the data.
  private func expose(_ exposures: some Collection<AdoptionData.Exposure>, in system: RunningSystem) async throws {
    for exposure in exposures {
      let name = exposure.launch.rawValue
      let document: JSONValue = [
        "launch": .string(name), "name": .string(name), "owner": "dana", "date": "2027-03-02",
        "feature": .string(exposure.feature), "facts": ["kinds": ["new-feature"]],
      ]
      _ = try await system.client(.tiering).call(TieringRoutes.propose, ProposeLaunch(document: document))
    }
    let known = CallMeta(after: try await system.bus().head().head)
    for exposure in exposures {
      let metrics = try system.client(.metrics)
      let plan: JSONValue = ["metrics": [.adoption(days: exposure.days)]]
      _ = try await metrics.call(
        MetricsRoutes.define, DefinePlan(launch: exposure.launch, document: plan), meta: known)
      _ = try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: exposure.launch, reason: "no history"))
      _ = try await system.client(.checklist).call(
        ChecklistRoutes.ship, ExposureRequest(launch: exposure.launch, at: exposure.at), meta: known)
    }
  }

  private func check(_ data: AdoptionData, in system: RunningSystem) async throws {
    let processed = CallMeta(after: try await system.bus().head().head)
    try await data.check { launch in
      let view = try await system.client(.metrics).call(
        MetricsRoutes.verdicts, VerdictRequest(launch: launch), meta: processed, timeout: .seconds(60))
      return try #require(view.metrics.first)
    }
  }
}
