import Contract
import Foundation
import LaunchModel
import Messaging
import Synchronization
import TestSupport
import Testing

/// Disrupts two hosts again and again, while the gate is asked at both, and a tool reports failures and successes.
struct HostsRun: Sendable {
  /// What is done to a host.
  enum Disruption: String, CaseIterable {
    case kill, suspendProcess, suspendHost, stall, cut, delay
  }

  /// The result of a run.
  struct Outcome: Sendable {
    /// The gates that were open although a failure had been acknowledged before they were asked.
    var staleAnswers: [String] = []
    /// How often the gate was answered, and how often it was not known.
    var answers = 0
    var unknown = 0
    /// How long after the beginning of each disruption a whole round of work had been done that began after it.
    var recoveries: [Duration] = []
    /// The same after the end of each.
    var returns: [Duration] = []
    /// Acknowledged reports that the log does not have, or has elsewhere.
    var lost: [String] = []
    var reports = 0

    var median: Duration { recoveries.sorted()[recoveries.count / 2] }
    var longest: Duration { (recoveries + returns).max() ?? .zero }

    var summary: String {
      "\(recoveries.count) disruptions, work on after \(Self.text(median)) in the median and \(Self.text(longest)) at most "
        + "(\(Self.text(returns.max() ?? .zero)) when they end); "
        + "\(reports) reports acknowledged, \(lost.count) lost; the gate was answered \(answers) times and not known "
        + "\(unknown) times, \(staleAnswers.count) answers were stale"
    }

    private static func text(_ duration: Duration) -> String {
      String(format: "%.2f s", duration / .milliseconds(1_000))
    }
  }

  private final class Shared: Sendable {
    private struct State {
      var outcome = Outcome()
      var isStopping = false
      /// The ends of rounds of work, with their beginnings.
      var rounds: [(began: ContinuousClock.Instant, ended: ContinuousClock.Instant)] = []
    }

    private let state = Mutex(State())

    var outcome: Outcome { state.withLock(\.outcome) }
    var isStopping: Bool { state.withLock(\.isStopping) }
    func stop() { state.withLock { $0.isStopping = true } }
    func change(_ body: (inout Outcome) -> Void) { state.withLock { body(&$0.outcome) } }
    func add(round began: ContinuousClock.Instant) { state.withLock { $0.rounds.append((began, .now)) } }

    /// When the first round of work ended that began after a time; nil if none has.
    func firstRound(after time: ContinuousClock.Instant) -> ContinuousClock.Instant? {
      state.withLock { $0.rounds.first { $0.began >= time }?.ended }
    }
  }

  let hosts: Hosts
  let plan: HostsPlan
  private let shared = Shared()

  init(hosts: Hosts, plan: HostsPlan) {
    self.hosts = hosts
    self.plan = plan
  }

  func run() async throws -> Outcome {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for host in 1...2 { group.addTask { try await askGate(first: host) } }
      group.addTask { try await work() }
      try await disrupt()
      shared.stop()
      try await group.waitForAll()
    }
    try await compareWithLog()
    return shared.outcome
  }

  /// Asks the gate all the time.
  private func askGate(first host: Int) async throws {
    let client = try hosts.system.impatientClient(.checklist, startingAt: host)
    while !shared.isStopping {
      let askedAt = ContinuousClock.now
      do {
        let view = try await client.call(ChecklistRoutes.checkGate, GateRequest(launch: hosts.trial.launch))
        let isStale = view.open && hosts.trial.mustBeClosed(askedAt: askedAt)
        shared.change { outcome in
          outcome.answers += 1
          if isStale { outcome.staleAnswers.append("host \(host), asked at \(askedAt)") }
        }
      } catch is Problem {
        shared.change { $0.unknown += 1 }
      }
      // Leaves the processes time for their work.
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Reports outcomes by both hosts in turn, and waits until the gate of the other one follows.
  private func work() async throws {
    let (buses, clients) = (
      try (1...2).map { try hosts.bus(of: $0) },
      try (1...2).map { try hosts.system.impatientClient(.checklist, startingAt: $0) }
    )
    var number = 0
    while !shared.isStopping {
      let began = ContinuousClock.now
      let outcome: EvidenceRecorded.Outcome = number.isMultiple(of: 2) ? .failed : .passed
      try await hosts.trial.report(outcome, by: buses[number / 2 % 2])
      shared.change { $0.reports += 1 }
      while !shared.isStopping {
        let view = try? await clients[1 - number / 2 % 2].call(
          ChecklistRoutes.checkGate, GateRequest(launch: hosts.trial.launch))
        if let view, view.open == (outcome == .passed) {
          shared.add(round: began)
          break
        }
        // A short delay, because the services have to hear of it.
        try await Task.sleep(for: .milliseconds(10))
      }
      number += 1
      // Leaves the processes time for their work.
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func disrupt() async throws {
    var generator = SeededGenerator(seed: plan.seed)
    let end = ContinuousClock.now + plan.duration
    while .now < end {
      // The moments are random: what is under way when it happens is what this run is about.
      try await Task.sleep(for: .milliseconds(Int.random(in: 500...2_500, using: &generator)))
      let host = Int.random(in: 1...2, using: &generator)
      let service = ServiceName.allCases.randomElement(using: &generator) ?? .bus
      let disruption = plan.disruptions.randomElement(using: &generator) ?? .kill
      let lasts = Duration.milliseconds(Int.random(in: 3_500...7_000, using: &generator))
      let began = ContinuousClock.now
      try await begin(disruption, host, service)
      let recovery = try await recovery(after: began)
      if recovery > plan.longest { hosts.note("\(disruption) of \(service), host \(host): \(recovery)") }
      shared.change { $0.recoveries.append(recovery) }
      // How long the disruption lasts.
      try await Task.sleep(until: began + lasts, clock: .continuous)
      try await finish(disruption, host, service)
      // Whoever comes back needs its time, too, and must not stop the others.
      let returned = ContinuousClock.now
      let afterwards = try await self.recovery(after: returned)
      if afterwards > plan.longest { hosts.note("\(disruption) of \(service), host \(host), over: \(afterwards)") }
      shared.change { $0.returns.append(afterwards) }
      // One disruption at a time.
      try await Task.sleep(for: .milliseconds(2_000))
    }
  }

  private func begin(_ disruption: Disruption, _ host: Int, _ service: ServiceName) async throws {
    switch disruption {
    case .kill: try await hosts.system.kill(service, replica: host)
    case .suspendProcess: try hosts.system.suspend(service, replica: host)
    case .suspendHost: for service in ServiceName.allCases { try hosts.system.suspend(service, replica: host) }
    case .stall: hosts.proxies[host - 1].set(.stalled)
    case .cut: hosts.proxies[host - 1].set(.cut)
    case .delay: hosts.proxies[host - 1].set(.delaying(milliseconds: 5))
    }
  }

  private func finish(_ disruption: Disruption, _ host: Int, _ service: ServiceName) async throws {
    switch disruption {
    case .kill: try await hosts.system.start(service, replica: host)
    case .suspendProcess: try hosts.system.resume(service, replica: host)
    case .suspendHost: for service in ServiceName.allCases { try hosts.system.resume(service, replica: host) }
    case .stall, .cut, .delay: hosts.proxies[host - 1].set(.passing)
    }
  }

  /// Waits until a round of work has been done that began after a time.
  private func recovery(after time: ContinuousClock.Instant) async throws -> Duration {
    let deadline = ContinuousClock.now + .testTimeout
    while true {
      if let ended = shared.firstRound(after: time) { return ended - time }
      try #require(ContinuousClock.now < deadline, "work did not go on; seed \(plan.seed)")
      // Another task notes the rounds.
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// Compares the acknowledged reports with the whole log.
  private func compareWithLog() async throws {
    let bus = try hosts.system.bus()
    let head = try await bus.head().head
    var found: [String: [Int64]] = [:]
    var after: Int64 = 0
    while after < head {
      let batch = try await bus.fetch(after: after, types: [SignalType.evidenceRecorded.rawValue])
      for stored in batch.events { found[try stored.event().id, default: []].append(stored.offset) }
      after = batch.head
    }
    let lost = hosts.trial.acknowledged.filter { found[$0.key] != [$0.value] }.map { "\($0.key) at \($0.value)" }
    shared.change { $0.lost = lost.sorted() }
  }
}
