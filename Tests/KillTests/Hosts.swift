import Contract
import Foundation
import JSON
import LaunchModel
import Messaging
import ServiceKit
import Synchronization
import TestSupport
import Testing

/// Two hosts with all services, and what the tests do with them.
struct Hosts: Sendable {
  let system: RunningSystem
  /// The way of each host to the database.
  let proxies: [ServerProxy]
  let trial: GateTrial

  /// A client of the bus that tries a host first.
  func bus(of host: Int) throws -> BusClient { BusClient(client: try system.impatientClient(.bus, startingAt: host)) }

  /// Asks the gate, a host first, until the answer is known and fits.
  func gate(
    askedFirst host: Int, within limit: Duration, until fits: (GateView) -> Bool = { _ in true }
  ) async throws -> GateView {
    let client = try system.impatientClient(.checklist, startingAt: host)
    let deadline = ContinuousClock.now + limit
    while true {
      do {
        let view = try await client.call(ChecklistRoutes.checkGate, GateRequest(launch: trial.launch))
        if fits(view) || .now > deadline { return view }
      } catch let problem as Problem where problem.retryable || problem.kind == .expired || problem.kind == .notFound {
        guard .now < deadline else { throw problem }
      }
      // A short delay, because processes on other hosts have to notice.
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Prints the ends of the processes' logs to stderr.
  func noteLogs() {
    for service in ServiceName.allCases {
      for host in 1...2 {
        let lines = system.log(service, replica: host).split(separator: "\n").suffix(15)
        note("log of \(service) \(host):\n" + lines.joined(separator: "\n"))
      }
    }
  }

  /// Prints a line to stderr.
  func note(_ text: String) { FileHandle.standardError.write(Data("two hosts: \(text)\n".utf8)) }
}

/// Runs the body with two replicas of each service, each of which reaches the database by the proxy of its host.
func withHosts(_ body: @escaping @Sendable (Hosts) async throws -> Void) async throws {
  try await withPostgreSQLDatabase { url in
    try await withServerProxies(2, to: url) { proxies in
      let clock = ScaledClock.setting(start: Trial.start, rate: 1, anchor: SystemClock().now())
      try await withRunningSystem(
        replicas: 2, clock: clock, databaseURL: url, databaseURLs: proxies.map(\.url)
      ) { system in
        let hosts = Hosts(system: system, proxies: proxies, trial: try GateTrial(system))
        do {
          try await body(hosts)
        } catch {
          hosts.noteLogs()
          throw error
        }
      }
    }
  }
}

/// A launch of tier 3, whose gate opens and closes with an item that a tool reports on.
final class GateTrial: Sendable {
  private struct State {
    var sequence = 0
    /// Since when the newest acknowledged report is a failure, with no other report begun after it.
    var failedSince: ContinuousClock.Instant?
    var acknowledged: [String: Int64] = [:]
  }

  let launch: LaunchID
  private let system: RunningSystem
  private let state = Mutex(State())

  init(_ system: RunningSystem) throws {
    self.system = system
    launch = try Trial.launch(named: "exporter-fix")
  }

  /// The offsets of the acknowledged reports, by their ids.
  var acknowledged: [String: Int64] { state.withLock(\.acknowledged) }

  /// Whether a gate that was asked at that time and is answered now must not be open.
  func mustBeClosed(askedAt time: ContinuousClock.Instant) -> Bool {
    state.withLock { state in state.failedSince.map { $0 < time } ?? false }
  }

  /// Proposes the launch for today and does its items, so that the gate opens.
  func open() async throws {
    let document: JSONValue = [
      "launch": .string(launch.rawValue), "name": "Exporter fix", "owner": "dana", "date": "2027-02-01",
      "timeZone": "UTC", "facts": ["kinds": ["bug-fix"]],
    ]
    _ = try await system.client(.tiering).call(TieringRoutes.propose, ProposeLaunch(document: document))
    let known = CallMeta(after: try await system.bus().head().head)
    _ = try await system.client(.checklist).call(
      ChecklistRoutes.done,
      ItemAction(
        launch: launch, key: "release-notes", evidence: Evidence(kind: .text, value: "the notes are on staging")),
      meta: known)
    try await report(.passed, by: try system.bus())
    let deadline = ContinuousClock.now + .testTimeout
    while true {
      let view = try await untilAnswered {
        try await self.system.client(.checklist).call(ChecklistRoutes.checkGate, GateRequest(launch: self.launch))
      }
      if view.open { return }
      try #require(ContinuousClock.now < deadline, "the gate does not open: \(view.reasons)")
    }
  }

  /// Reports an outcome of the item, and repeats it until the bus has acknowledged it.
  func report(_ outcome: EvidenceRecorded.Outcome, by bus: BusClient) async throws {
    let id = state.withLock { state in
      state.sequence += 1
      if outcome == .passed { state.failedSince = nil }
      return "report-\(state.sequence)"
    }
    let event = CloudEvent(
      id: id, source: "//ci/exporter", type: SignalType.evidenceRecorded.rawValue,
      data: ["launch": .string(launch.rawValue), "item": "qa", "outcome": .string(outcome.rawValue)])
    while true {
      do {
        let result = try await bus.publish([event.encoded()]).first
        let offset = try #require(result?.offset, "\(String(describing: result))")
        return state.withLock { state in
          state.acknowledged[id] = offset
          if outcome == .failed { state.failedSince = .now }
        }
      } catch let problem as Problem
        where problem.retryable || problem.kind == .expired || problem.kind == .unavailable
      {
        // A short delay, because another bus has to be found.
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }
}
