import ChecklistCore
import Contract
import LaunchModel
import TestSupport
import Testing

@Suite struct ItemPropertyTests {
  /// Marketing, whose items these are, twice; those who approve; and some who may only look.
  private static let people = ["mia", "max", "mia", "max", "dana", "petra", "lena", "lex", "erin", "sam"]

  /// One thing that somebody tried, with the checklist before and after it.
  private struct Step {
    var verb: ItemVerb
    var person: PersonID
    var before: LaunchChecklist
    var after: LaunchChecklist
    /// The code of the refusal; nil if it was accepted.
    var refusal: String?
  }

  private static let moves: [ItemState: [ItemVerb]] = [
    .open: [.start, .submit, .done, .block], .inProgress: [.submit, .done, .attach], .blocked: [.unblock],
    .inReview: [.approve, .approve, .approve, .withdraw, .reject], .done: [.withdraw, .reopen],
    .waived: [.done, .reopen], .notApplicable: [.reopen, .markNotApplicable],
  ]

  /// What people do with the items of a checklist, by chance; the same for the same seed.
  private static func walk(seed: UInt64, length: Int = 300) -> [Step] {
    var random = SeededGenerator(seed: seed)
    var checklist = Fixture.checklist(
      Fixture.record(),
      Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "product"), ApprovalRule(group: "legal")]),
      Fixture.item("page", .marketing, dependencies: ["copy"]), Fixture.item("plain", .marketing))
    return (0..<length).map { _ in
      let before = checklist
      let key = keys.randomElement(using: &random) ?? "copy"
      // Mostly what moves the item on from its state, so that walks get somewhere; the rest is mostly refused.
      let moves = Self.moves[checklist.state(key) ?? .open] ?? []
      let verbs = Int.random(in: 0..<3, using: &random) > 0 ? moves : ItemVerb.allCases
      let verb = verbs.randomElement(using: &random) ?? .comment
      let person = people.randomElement(using: &random) ?? "dana"
      let group = ["product", "legal", nil].randomElement(using: &random) ?? nil
      let code = refusal {
        try checklist.act(verb, key, as: person) {
          $0.group = group
          $0.to = "max"
          $0.text = "hm"
          if verb == .attach { $0.evidence = Evidence(kind: .text, value: "v\(before.items[0].version)") }
        }
      }
      return Step(verb: verb, person: person, before: before, after: checklist, refusal: code)
    }
  }

  private static let keys: [ItemKey] = ["copy", "page", "plain"]
  private static let seeds: Range<UInt64> = 0..<60

  @Test("In any sequence of people's actions, an item keeps its invariants", arguments: seeds)
  func promises(seed: UInt64) {
    for step in Self.walk(seed: seed) {
      if step.refusal != nil {
        #expect(step.after == step.before, "a refusal changes nothing: \(step.verb) by \(step.person)")
      }
      check(step.after, after: step.before)
    }
  }

  @Test(
    "The random walks are not trivial: every verb is accepted and refused, and every reachable state occurs")
  func coverage() {
    let steps = Self.seeds.flatMap { Self.walk(seed: $0) }
    let accepted = steps.filter { $0.refusal == nil }
    #expect(accepted.count * 5 > steps.count, "more than a fifth is accepted")
    for verb in ItemVerb.allCases {
      #expect(accepted.count { $0.verb == verb } >= 30, "\(verb)")
      #expect(verb == .comment || steps.count { $0.verb == verb && $0.refusal != nil } >= 30, "\(verb)")
    }
    for key in Self.keys {
      let isReviewed = key == "copy"
      for state in ItemState.allCases where state != .voided && (isReviewed || state != .inReview) {
        #expect(accepted.count { $0.after.state(key) == state } >= 10, "\(key) \(state)")
      }
    }
  }

  private func check(_ checklist: LaunchChecklist, after before: LaunchChecklist) {
    for (item, earlier) in zip(checklist.items, before.items) {
      #expect(item.version >= earlier.version)
      if item.state != earlier.state { #expect(item.version > earlier.version) }
      #expect((item.doneOn != nil) == (item.state == .done))
      let tally = item.approvalTally(provenOnly: [])
      let counted = tally.rules.flatMap { tally.counted(for: $0.group) }
      #expect(Set(counted.map(\.person)).count == counted.count, "one person counts once")
      #expect(Set(counted.map(\.person)).isDisjoint(with: item.authors), "nobody approves their own work")
      if item.needsApproval { #expect(item.state != .done || tally.isComplete) }
      #expect(item.approvals.count >= earlier.approvals.count, "no approval is lost")
      #expect(item.evidence.count >= earlier.evidence.count)
    }
  }
}
