import Contract
import LaunchModel
import Messaging
import TestSupport
import Testing

/// Two people, or a person and a system, who do at the same time what excludes each other, over real sockets.
@Suite("Races", .serialized)
struct RaceTests {
  @Test("Each race has one of its defined outcomes, and what was acknowledged stands", .timeLimit(.minutes(5)))
  func races() async throws {
    let seed = KillPlan.fromEnvironment(kills: 0).seed
    // The launch date of the trial.
    let start = try #require(Timestamp("2027-03-02T15:00:00Z"))
    let clock = ScaledClock.setting(start: start, rate: 1, anchor: SystemClock().now())
    try await withRunningSystem([.bus, .tiering, .checklist, .metrics], clock: clock) { system in
      let trial = RaceTrial(system: system, seed: seed)
      try await trial.begin()
      try await Self.goAndRejection(trial)
      try await Self.haltAndGate(trial)
      try await Self.approvalsByOnePerson(trial)
      try await Self.edits(trial)
      try await Self.templateAndProposal(trial)
    }
  }

  /// A GO is refused because of the rejection, or stale because of it; its gate is open in neither case.
  private static func goAndRejection(_ trial: RaceTrial) async throws {
    let launch = try await trial.propose("rejected")
    try await trial.prepare(launch)
    var generator = trial.generator(1)
    var standing: String?
    for round in 1...RaceTrial.rounds {
      let context = "round \(round), seed \(trial.seed)"
      let delays = RaceTrial.delays(&generator)
      async let decided = trial.outcome(after: delays[0]) {
        try await trial.call(
          ChecklistRoutes.makeDecision, DecisionRequest(launch: launch, decision: .go, reason: "all is green"))
      }
      async let rejected = trial.outcome(after: delays[1]) {
        try await trial.act(ChecklistRoutes.withdraw, "copy", of: launch, as: "petra")
        return try await trial.act(ChecklistRoutes.reject, "copy", of: launch, as: "petra")
      }
      let (decision, rejection) = (try await decided, try await rejected)
      #expect(try rejection.get().item.state == .inReview, "\(context)")
      switch decision {
      case .success(let view):
        #expect(view.decision == .go && view.digest != standing, "\(context)")
        standing = view.digest
      case .failure(let problem): #expect(problem.code == "against-recommendation", "\(context): \(problem)")
      }
      let gate = try await trial.gate(launch)
      #expect(!gate.open && gate.digest == standing, "\(context): \(gate)")
      #expect(gate.stale == (standing != nil), "\(context): \(gate)")
      #expect(gate.reasons.contains { $0.item == "copy" }, "\(context): \(gate.reasons)")
      // The next round begins with an approved copy again.
      try await trial.act(ChecklistRoutes.withdraw, "copy", of: launch, as: "petra")
      try await trial.act(ChecklistRoutes.approve, "copy", of: launch, as: "petra")
    }
  }

  /// A gate that is asked before the halt is acknowledged is open, or closed by the halt; one that is asked later is
  /// closed.
  private static func haltAndGate(_ trial: RaceTrial) async throws {
    let launch = try await trial.propose("halted", owner: "petra")
    try await trial.prepare(launch)
    _ = try await trial.call(
      ChecklistRoutes.makeDecision, DecisionRequest(launch: launch, decision: .go, reason: "all is green"))
    #expect(try await trial.gate(launch).open)
    var generator = trial.generator(2)
    for round in 1...RaceTrial.rounds {
      let context = "round \(round), seed \(trial.seed)"
      let delays = RaceTrial.delays(&generator)
      async let first = trial.outcome(after: delays[0]) { try await trial.gate(launch) }
      async let second = trial.outcome(after: delays[1]) { try await trial.gate(launch) }
      async let halted = trial.outcome(after: delays[2]) {
        let halt = try await trial.call(ChecklistRoutes.setHalt, SetHalt(reason: context))
        return (halt, try await trial.gate(launch))
      }
      let (halt, later) = try await halted.get()
      #expect(halt.halted && !later.open && later.reasons.first?.code == "halted", "\(context): \(later)")
      for gate in [try await first.get(), try await second.get()] {
        #expect(gate.open == gate.reasons.isEmpty, "\(context): \(gate)")
        #expect(gate.open || gate.reasons.first?.code == "halted", "\(context): \(gate)")
      }
      let lifted = try await trial.call(ChecklistRoutes.liftHalt, LiftHalt(reason: context))
      #expect(try await trial.gate(launch).open && !lifted.halted, "\(context)")
    }
  }

  /// Somebody in two groups approves for both, or twice for one: one of the approvals counts, and the item is not done.
  private static func approvalsByOnePerson(_ trial: RaceTrial) async throws {
    let launch = try await trial.propose("approved-twice")
    try await trial.act(ChecklistRoutes.submit, "copy", of: launch, as: "max")
    var generator = trial.generator(3)
    for round in 1...RaceTrial.rounds {
      let context = "round \(round), seed \(trial.seed)"
      let delays = RaceTrial.delays(&generator)
      let groups = [Bool.random(using: &generator) ? "product" : "legal", "legal"]
      async let first = trial.outcome(after: delays[0]) {
        try await trial.act(ChecklistRoutes.approve, "copy", of: launch, as: "lex") { $0.group = groups[0] }
      }
      async let second = trial.outcome(after: delays[1]) {
        try await trial.act(ChecklistRoutes.approve, "copy", of: launch, as: "lex") { $0.group = groups[1] }
      }
      let outcomes = [try await first, try await second]
      let winner = try Self.winner(of: outcomes, context)
      let code = groups[0] == groups[1] ? "approved-already" : "counts-once"
      #expect(outcomes[1 - winner].problem?.code == code, "\(context)")
      let item = try await trial.show("copy", of: launch)
      #expect(item.state == .inReview, "\(context)")
      let counted = item.approvals.filter { !$0.approvedBy.isEmpty }
      #expect(counted.map(\.group) == [groups[winner]], "\(context)")
      #expect(counted.first?.approvedBy.count == 1, "\(context)")
      try await trial.act(ChecklistRoutes.withdraw, "copy", of: launch, as: "lex")
    }
  }

  /// Of two changes of the version that both have seen, the second is refused with the version that it met.
  private static func edits(_ trial: RaceTrial) async throws {
    let launch = try await trial.propose("edited")
    var generator = trial.generator(4)
    let people: [PersonID] = ["erin", "ibrahim"]
    for round in 1...RaceTrial.rounds {
      let context = "round \(round), seed \(trial.seed)"
      let delays = RaceTrial.delays(&generator)
      let seen = try await trial.show("qa", of: launch).version
      async let first = trial.outcome(after: delays[0]) {
        try await trial.act(ChecklistRoutes.assign, "qa", of: launch, as: "dana", seen: seen) { $0.to = people[0] }
      }
      async let second = trial.outcome(after: delays[1]) {
        try await trial.act(ChecklistRoutes.assign, "qa", of: launch, as: "ibrahim", seen: seen) { $0.to = people[1] }
      }
      let outcomes = [try await first, try await second]
      let winner = try Self.winner(of: outcomes, context)
      let refused = outcomes[1 - winner].problem
      #expect(refused?.code == "version-conflict", "\(context)")
      #expect(refused?.detail.contains("now at version \(seen + 1), not \(seen)") == true, "\(context)")
      let item = try await trial.show("qa", of: launch)
      #expect(item.owner == people[winner] && item.version == seen + 1, "\(context)")
    }
  }

  /// A launch that is proposed while a template is adopted has the items of the old version or of the new one, and all
  /// of them; one that runs keeps its own.
  private static func templateAndProposal(_ trial: RaceTrial) async throws {
    let running = try await trial.propose("running")
    let kept = try await trial.keys(of: running)
    var generator = trial.generator(5)
    var before = kept
    for round in 1...RaceTrial.rounds {
      let context = "round \(round), seed \(trial.seed)"
      let delays = RaceTrial.delays(&generator)
      let after = RaceTrial.keys(withExtra: !before.contains("extra"))
      async let adopted = trial.outcome(after: delays[0]) {
        try await trial.call(
          ChecklistRoutes.adoptTemplate, AdoptTemplate(document: RaceTrial.template(after)))
      }
      async let proposed = trial.outcome(after: delays[1]) {
        try await trial.propose("next-\(round)")
      }
      let (version, launch) = (try await adopted.get().templateVersion, try await proposed.get())
      let keys = try await trial.keys(of: launch)
      #expect(keys == before || keys == after, "\(context): \(keys)")
      let current = try await trial.call(ChecklistRoutes.showTemplate, VersionReference())
      #expect(current.version == version && Set(current.items.map(\.key)) == after, "\(context)")
      #expect(try await trial.keys(of: running) == kept, "\(context)")
      before = after
    }
  }

  /// The index of the only outcome that succeeded.
  private static func winner<R>(of outcomes: [Result<R, Problem>], _ context: String) throws -> Int {
    let winners = outcomes.indices.filter { outcomes[$0].problem == nil }
    return try #require(winners.count == 1 ? winners.first : nil, "\(winners.count) of 2 were accepted in \(context)")
  }
}

extension Result where Failure == Problem {
  /// The failure; nil if it succeeded.
  fileprivate var problem: Problem? { if case .failure(let problem) = self { problem } else { nil } }
}
