import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite struct ItemPropertyTests {
  /// SplitMix64 (Steele, Lea and Flood, 2014), so that a failure is repeated by its seed.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
  }

  private static let people = ["dana", "ibrahim", "erin", "petra", "mia", "max", "lena", "lex", "cora", "sam"]

  @Test("whatever people do, in whatever order, an item keeps its promises", arguments: 0..<60)
  func promises(seed: UInt64) throws {
    var random = Generator(state: seed)
    var checklist = Fixture.checklist(
      Fixture.record(),
      Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "product"), ApprovalRule(group: "legal")]),
      Fixture.item("plain", .marketing, dependencies: ["copy"]))
    for _ in 0..<120 {
      let before = checklist
      let key = Bool.random(using: &random) ? "copy" : "plain"
      let verb = ItemVerb.allCases.randomElement(using: &random) ?? .start
      let person = Self.people.randomElement(using: &random) ?? "dana"
      let group = ["product", "legal", nil].randomElement(using: &random) ?? nil
      let code = refusal {
        try checklist.act(verb, key, as: person) {
          $0.group = group
          $0.to = "max"
          $0.text = "hm"
          if verb == .attach { $0.evidence = Evidence(kind: .text, value: "v\(before.items[0].version)") }
        }
      }
      if code != nil { #expect(checklist == before, "a refusal changes nothing: \(verb) by \(person)") }
      check(checklist, after: before)
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
      #expect(item.approvals.count >= earlier.approvals.count, "nothing that was said is lost")
      #expect(item.evidence.count >= earlier.evidence.count)
    }
  }
}
