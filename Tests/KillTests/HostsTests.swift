import Contract
import Foundation
import LaunchModel
import Messaging
import TestSupport
import Testing

@Suite(
  "Two hosts, each with its own way to the database", .serialized, .timeLimit(.minutes(60)),
  .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct HostsTests {
  @Test(
    "While one host is cut off from the database, no gate is open on stale facts, and work continues",
    arguments: [ServerProxy.Behaviour.stalled, .cut])
  func cutOff(_ behaviour: ServerProxy.Behaviour) async throws {
    try await withHosts { hosts in
      try await hosts.trial.open()
      hosts.proxies[0].set(behaviour)
      // The other host stores it; the first one is asked first.
      try await hosts.trial.report(.failed, by: hosts.bus(of: 2))
      let gate = try await hosts.gate(askedFirst: 1, within: .seconds(6))
      #expect(!gate.open)
      let client = try hosts.system.impatientClient(.bus, startingAt: 1)
      let bus = BusClient(client: client)
      let head = try await bus.head()
      #expect(try await bus.fetch(after: head.head).head >= head.head, "the end of the log is that of the store")
      try await hosts.trial.report(.passed, by: hosts.bus(of: 1))
      #expect(try await hosts.gate(askedFirst: 1, within: .seconds(6)) { $0.open }.open)
      hosts.proxies[0].set(.passing)
    }
  }

  @Test("A bus that cannot confirm its answer says that it does not know", .timeLimit(.minutes(5)))
  func noneKnows() async throws {
    try await withHosts { hosts in
      try await hosts.trial.open()
      for proxy in hosts.proxies { proxy.set(.stalled) }
      for service in [ServiceName.bus, .checklist] {
        let client = try hosts.system.impatientClient(service, startingAt: 1)
        let problem = await #expect(throws: Problem.self) {
          if service == .bus {
            _ = try await BusClient(client: client).head()
          } else {
            _ = try await client.call(
              ChecklistRoutes.checkGate, GateRequest(launch: hosts.trial.launch), timeout: .seconds(5))
          }
        }
        #expect(problem?.kind == .unavailable || problem?.kind == .expired, "\(String(describing: problem))")
      }
      for proxy in hosts.proxies { proxy.set(.passing) }
      #expect(try await hosts.gate(askedFirst: 1, within: .seconds(20)).open)
    }
  }

  @Test("Clients leave a suspended host within seconds")
  func suspended() async throws {
    try await withHosts { hosts in
      try await hosts.trial.open()
      for service in ServiceName.allCases { try hosts.system.suspend(service, replica: 1) }
      let start = ContinuousClock.now
      try await hosts.trial.report(.failed, by: hosts.bus(of: 1))
      let gate = try await hosts.gate(askedFirst: 1, within: .seconds(10)) { !$0.open }
      #expect(!gate.open)
      hosts.note("went on after \(ContinuousClock.now - start) with a suspended host")
      for service in ServiceName.allCases { try hosts.system.resume(service, replica: 1) }
    }
  }

  @Test("Kills, stalls and cuts: no gate is open on stale facts, work continues, and nothing is lost")
  func disruptions() async throws {
    let plan = HostsPlan.fromEnvironment()
    try await withHosts { hosts in
      try await hosts.trial.open()
      let outcome = try await HostsRun(hosts: hosts, plan: plan).run()
      hosts.note(outcome.summary)
      #expect(outcome.staleAnswers == [], "seed \(plan.seed)")
      #expect(outcome.lost == [], "seed \(plan.seed)")
      #expect(outcome.answers > 0 && !outcome.recoveries.isEmpty)
      // On a machine that runs other tests as well, only orders of magnitude are certain; `deploy/hosts-test` checks figures.
      #expect(outcome.median <= plan.median && outcome.longest <= plan.longest, "\(outcome.summary), seed \(plan.seed)")
    }
  }
}

/// The parameters of a run: short by default, long when run by `deploy/hosts-test`.
struct HostsPlan: Sendable {
  /// How long disruptions go on.
  var duration: Duration
  /// Determines victims, kinds and moments.
  var seed: UInt64
  /// What is done to the hosts.
  var disruptions: [HostsRun.Disruption]
  /// How soon work has to go on in half of all cases, and in all.
  var median: Duration
  var longest: Duration

  /// Reads `GONOGO_HOSTS_SECONDS`, `GONOGO_SEED` and `GONOGO_HOSTS_ONLY`.
  static func fromEnvironment() -> HostsPlan {
    let environment = ProcessInfo.processInfo.environment
    let seed = environment["GONOGO_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000)
    let only = environment["GONOGO_HOSTS_ONLY"].map { $0.split(separator: ",") }
    let disruptions = HostsRun.Disruption.allCases.filter { only?.contains(Substring($0.rawValue)) ?? true }
    guard let seconds = environment["GONOGO_HOSTS_SECONDS"].flatMap({ Int($0) }) else {
      return HostsPlan(
        duration: .seconds(30), seed: seed, disruptions: disruptions, median: .seconds(10), longest: .seconds(40))
    }
    return HostsPlan(
      duration: .seconds(seconds), seed: seed, disruptions: disruptions, median: .seconds(3), longest: .seconds(6))
  }
}
