import JSON
import Contract
import LaunchModel
import Messaging

/// How soon published events appear in a metric's figure.
struct VisibleFigures {
  /// Milliseconds from sending one event to a `verdict.show` that includes it, one event after the other.
  var single: [Double]
  /// Events per second from the first message to a `verdict.show` that includes them all.
  var rate: Double
}

extension Workplace {
  /// Publishes uses of a launch's feature, and queries its adoption.
  ///
  /// - Parameters:
  ///   - singles: events published one by one, waiting for each.
  ///   - bulk: events published in messages of 500, waiting once at the end; each is from a different account.
  func visible(singles: Int, bulk: Int) async throws -> VisibleFigures {
    try await withServices([.bus, .tiering, .checklist, .metrics]) { services in
      let bus = BusClient(client: try services.client(.bus))
      let metrics = try services.client(.metrics)
      let launch = try await measuredLaunch(services, bus)
      var times: [Double] = []
      for number in 0..<singles {
        let started = ContinuousClock.now
        let offset = try await bus.publish([Self.use(number)]).last?.offset
        let view = try await metrics.call(
          MetricsRoutes.verdicts, VerdictRequest(launch: launch), meta: CallMeta(after: offset))
        times.append((ContinuousClock.now - started) / .milliseconds(1))
        try Self.check(view, has: number + 1)
      }
      let started = ContinuousClock.now
      var last: Int64?
      for first in stride(from: singles, to: singles + bulk, by: 500) {
        last = try await bus.publish((first..<min(first + 500, singles + bulk)).map(Self.use)).last?.offset
      }
      let view = try await metrics.call(
        MetricsRoutes.verdicts, VerdictRequest(launch: launch), meta: CallMeta(ttlMs: 120_000, after: last),
        timeout: .seconds(120))
      let seconds = (ContinuousClock.now - started) / .seconds(1)
      try Self.check(view, has: singles + bulk)
      return VisibleFigures(single: times, rate: Double(bulk) / seconds)
    }
  }

  /// Creates a launch with a sealed plan and ships it.
  private func measuredLaunch(_ services: RunningServices, _ bus: BusClient) async throws -> LaunchID {
    guard let id = LaunchID("benchmark") else { throw BenchmarkFailure(message: "no launch id") }
    let document: JSONValue = [
      "launch": "benchmark", "name": "Benchmark", "owner": "dana", "feature": "benchmark", "date": "2030-01-15",
      "facts": ["kinds": ["new-feature"]],
    ]
    let plan: JSONValue = ["metrics": [["key": "adoption", "kind": "adoption", "target": ">= 30%"]]]
    _ = try await services.client(.tiering).call(TieringRoutes.propose, ProposeLaunch(document: document))
    let metrics = try services.client(.metrics)
    let head = try await bus.head().head
    _ = try await metrics.call(
      MetricsRoutes.define, DefinePlan(launch: id, document: plan), meta: CallMeta(after: head))
    _ = try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: id, reason: "a benchmark has no history"))
    _ = try await services.client(.checklist).call(
      ChecklistRoutes.ship, ExposureRequest(launch: id), meta: CallMeta(after: try await bus.head().head))
    return id
  }

  private static func use(_ number: Int) -> [UInt8] {
    CloudEvent(
      id: "use-\(number)", source: "//analytics/benchmark", type: SignalType.featureUsed.rawValue,
      data: ["feature": "benchmark", "account": .string("account-\(number)")]
    ).encoded()
  }

  private static func check(_ view: MetricsView, has accounts: Int) throws {
    guard view.metrics.first?.numerator == accounts else {
      throw BenchmarkFailure(
        message: "\(view.metrics.first?.numerator ?? 0) accounts are visible of \(accounts) published")
    }
  }
}
