import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit
import TestSupport
import Testing

@testable import Gateway

/// What the gate rests on belongs to tiering and metrics, and reaches the checklist by the bus (product.md, section 2).
@Suite("The gate while another service is out of reach")
struct GateOutageTests {
  /// How a service is put out of reach.
  enum Outage: CaseIterable {
    case suspended, killed
  }

  @Test(
    "While tiering, metrics or the bus is suspended or killed, the gate is unknown; what changed meanwhile closes it",
    .timeLimit(.minutes(5)))
  func outages() async throws {
    // The launch date.
    let start = try #require(Timestamp("2027-03-02T15:00:00Z"))
    let clock = ScaledClock.setting(start: start, rate: 1, anchor: SystemClock().now())
    try await withRunningSystem([.bus, .tiering, .checklist, .metrics], clock: clock) { system in
      var trial = try OutageTrial(system)
      try await trial.begin()
      for outage in Outage.allCases {
        for service in [ServiceName.tiering, .metrics, .bus] { try await trial.run(outage, of: service) }
      }
    }
  }
}

/// A launch of tier 2 with an open gate, and a fact of it that changes while a service is out of reach.
private struct OutageTrial {
  let system: RunningSystem
  let gonogo: GatewayProcess
  let launch: LaunchID
  private var changes = 0
  private var hasPersonalData = false

  init(_ system: RunningSystem) throws {
    self.system = system
    gonogo = GatewayProcess(folder: system.folder)
    launch = try #require(LaunchID("saved-views"))
  }

  /// Proposes the launch for today, seals its metrics and decides.
  func begin() async throws {
    let document: JSONValue = [
      "launch": .string(launch.rawValue), "name": "Saved views", "owner": "dana", "feature": .string(launch.rawValue),
      "date": "2027-03-02", "facts": ["kinds": ["new-feature"]],
    ]
    _ = try await system.client(.tiering).call(TieringRoutes.propose, ProposeLaunch(document: document))
    let known = CallMeta(after: try await system.bus().head().head)
    let metrics = try system.client(.metrics)
    let plan = DefinePlan(launch: launch, document: Self.plan(share: 30))
    _ = try await metrics.call(MetricsRoutes.define, plan, meta: known)
    _ = try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: "there is no history yet"))
    try await decide()
  }

  /// Changes a fact while a service is out of reach, so that the checklist does not hear of it, and brings the service
  /// back.
  mutating func run(_ outage: GateOutageTests.Outage, of service: ServiceName) async throws {
    let before = try await gate(untilKnown: true)
    #expect(before.status == 0, "\(outage), \(service): \(before)")
    if service == .bus { try await stop(.bus, outage) } else { try system.suspend(.bus) }
    let code = try await change(ownedBy: service == .metrics ? .metrics : .tiering)
    if service != .bus {
      try await stop(service, outage)
      try system.resume(.bus)
    }
    let during = try await gate()
    #expect(during.status == ExitStatus.unavailable.rawValue, "\(outage), \(service): \(during)")
    #expect(during.errors.contains("unknown whether \(launch) may ship"), "\(during.errors)")
    try await bringBack(service, outage)
    let after = try await gate(untilKnown: true)
    #expect(after.status == ExitStatus.no.rawValue, "\(outage), \(service): \(after)")
    let codes = try after.json()["reasons"]?.arrayValue?.compactMap { $0["code"]?.stringValue } ?? []
    #expect(codes.contains(code), "\(outage), \(service): \(codes)")
    try await decide()
  }

  private func stop(_ service: ServiceName, _ outage: GateOutageTests.Outage) async throws {
    switch outage {
    case .suspended: try system.suspend(service)
    case .killed: try await system.kill(service)
    }
  }

  private func bringBack(_ service: ServiceName, _ outage: GateOutageTests.Outage) async throws {
    switch outage {
    case .suspended: try system.resume(service)
    case .killed: try await system.start(service)
    }
  }

  /// Changes what a GO rests on, and returns the code of the reason that this gives.
  private mutating func change(ownedBy owner: ServiceName) async throws -> String {
    changes += 1
    if owner == .metrics {
      let plan = DefinePlan(launch: launch, document: Self.plan(share: 30 + changes), reason: "trial \(changes)")
      _ = try await system.client(.metrics).call(MetricsRoutes.amend, plan)
      return "seal-changed"
    }
    hasPersonalData.toggle()
    let facts: JSONValue = ["personalData": .bool(hasPersonalData)]
    let shown = try await system.client(.tiering).call(TieringRoutes.show, LaunchReference(launch: launch))
    let set = SetLaunch(launch: launch, set: ["facts": facts], reason: "trial \(changes)")
    let changed = try await system.client(.tiering).call(TieringRoutes.set, set)
    #expect(changed.version > shown.version && changed.tier == .moderate)
    return "fact-changed"
  }

  private static func plan(share: Int) -> JSONValue {
    ["metrics": [["key": "adoption", "kind": "adoption", "target": .string(">= \(share)%"), "days": 30]]]
  }

  /// Asks the gate as a pipeline does.
  ///
  /// - Parameter untilKnown: whether to ask again while the answer is unknown.
  private func gate(untilKnown: Bool = false) async throws -> GatewayProcess.Outcome {
    try await run(["gate", launch.rawValue, "-o", "json"]) { outcome in
      !untilKnown || outcome.status != ExitStatus.unavailable.rawValue
    }
  }

  /// Decides GO, as soon as what it rests on is known.
  private func decide() async throws {
    let words = ["decide", launch.rawValue, "go", "--override", "--reason", "a trial"]
    let outcome = try await run(words) { $0.status != ExitStatus.unavailable.rawValue }
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// Runs a command until its outcome fits, or the time is up.
  private func run(
    _ words: [String], until fits: (GatewayProcess.Outcome) -> Bool
  ) async throws -> GatewayProcess.Outcome {
    let deadline = ContinuousClock.now + .testTimeout
    while true {
      let outcome = try await gonogo.run(words: words + ["--run-dir", system.settings.runFolder])
      if fits(outcome) || .now > deadline { return outcome }
      // A short delay, because other processes have to notice.
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}
