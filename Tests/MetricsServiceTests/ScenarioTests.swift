import Contract
import JSON
import LaunchModel
import Messaging
import MetricsService
import ServiceKit
import TestSupport
import Testing

@Suite("Scenarios of the decided rules, through the service", .serialized)
struct ScenarioTests {
  @Test(
    "The figures equal the script's: when requested, as of then, and after a rebuild",
    arguments: MetricScenario.names)
  func figures(name: String) async throws {
    let scenario = try MetricScenario(named: name)
    let start = try #require(Timestamp("2026-12-01T09:00:00Z"))
    try await withServiceHarness(MetricsService.self, at: start) { metrics in
      let launch = try launchID(MetricScenario.launch)
      try await metrics.propose(launch, feature: MetricScenario.feature)
      try await metrics.call(MetricsRoutes.define, DefinePlan(launch: launch, document: Self.plan(scenario.sealed)))
      try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: "no history"))
      try await metrics.settle()
      for step in Self.steps(scenario) {
        metrics.clock.set(step.at)
        switch step.action {
        case .exposure(let exposure): try await metrics.expose(launch, attempts: Self.attempts(exposure))
        case .amendment(let amendment):
          let plan = DefinePlan(launch: launch, document: Self.plan(amendment.metrics), reason: "the scenario")
          try await metrics.call(MetricsRoutes.amend, plan)
          try await metrics.settle()
        case .event(let event): try await Self.publish(event, metrics)
        case .question(let answer):
          let view = try await metrics.verdicts(launch, attempt: answer.attempt)
          #expect(answer.differences(from: view) == [], "\(name) at \(answer.asOf): \(scenario.rule)")
        }
      }
      metrics.clock.advance(days: 60)
      for answer in scenario.expected {
        let view = try await metrics.verdicts(launch, attempt: answer.attempt, asOf: answer.asOf)
        #expect(answer.differences(from: view) == [], "\(name) as of \(answer.asOf): \(scenario.rule)")
      }
      // What was known at a moment includes the silences that had been noticed.
      try await metrics.sweep()
      metrics.clock.advance(seconds: 1)
      let live = try await Self.text(metrics.verdicts(launch))
      let before = Timestamp(microseconds: metrics.clock.now().microseconds - 1)
      #expect(try await Self.text(metrics.verdicts(launch, asOf: before)) == live)
      try await metrics.call(MetricsRoutes.rebuild, LaunchAction(launch: launch))
      #expect(try await Self.text(metrics.verdicts(launch)) == live)
    }
  }

  /// Something that happens in a scenario, or is asked.
  private struct Step {
    enum Action {
      case exposure(MetricScenario.Exposure)
      case amendment(MetricScenario.Amendment)
      case event(MetricScenario.Event)
      case question(MetricScenario.Answer)
    }

    var at: Timestamp
    var action: Action
  }

  /// The steps in order of time: of the same moment exposures first, and questions last.
  private static func steps(_ scenario: MetricScenario) -> [Step] {
    var steps = scenario.exposures.map { Step(at: $0.storedAt, action: .exposure($0)) }
    if let amended = scenario.amended { steps.append(Step(at: amended.storedAt, action: .amendment(amended))) }
    steps += scenario.events.map { Step(at: $0.storedAt, action: .event($0)) }
    steps += scenario.expected.map { Step(at: $0.asOf, action: .question($0)) }
    return steps.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
  }

  private static func plan(_ metrics: [JSONValue]) -> JSONValue { ["metrics": .array(metrics)] }

  private static func attempts(_ exposure: MetricScenario.Exposure) -> [ExposureAttempt] {
    exposure.attempts.enumerated().map { index, attempt in
      ExposureAttempt(attempt: index + 1, startedAt: attempt.startedAt, rolledBackAt: attempt.rolledBackAt)
    }
  }

  /// Publishes an event and processes it; one from the future is passed over, as a consumer does that quarantines it.
  private static func publish(_ event: MetricScenario.Event, _ metrics: Metrics) async throws {
    do {
      try await metrics.receive(metrics.event(event.fullType, event.data, at: event.time, id: event.id))
    } catch let error as EventError where error.code == "future-time" {
      let head = try await metrics.bus.head().head
      try await metrics.runtime.sink.apply([], upTo: head)
      metrics.environment.progress.advance(to: head)
    }
  }

  /// The metrics of an answer as they are sent.
  private static func text(_ view: MetricsView) throws -> String {
    String(decoding: try JSONCoding.encode([view.metrics, view.beforeAmendment ?? []]), as: UTF8.self)
  }
}
