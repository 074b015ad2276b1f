import Contract
@testable import ReviewCore
import Testing

@Suite("Satisfaction scores in reviews") struct SatisfactionScoreTests {
  @Test(
    "A score is poor if someone should call the customer",
    arguments: [
      (.thumbs, 0, true), (.thumbs, 1, false), (.five, 2, true), (.five, 3, false), (.ten, 4, true), (.ten, 5, false),
    ] as [(SatisfactionScale, Double, Bool)])
  func poor(scale: SatisfactionScale, score: Double, isPoor: Bool) throws {
    let score = SatisfactionScore(
      ticket: "T-1", place: try Fixture.place("2027-03-03T10:00:00Z", 7), score: score, scale: scale)
    #expect(score.isPoor == isPoor)
  }

  @Test("A cycle of merged accounts counts as its first account; a test account is not a customer")
  func merges() throws {
    let place = try Fixture.place("2027-03-03T10:00:00Z", 1)
    func merged(_ account: String, _ target: String) -> AccountChange {
      AccountChange(account: account, state: .merged, mergedInto: target, place: place)
    }
    let accounts = AccountIndex([
      merged("d", "c"), merged("c", "b"), merged("b", "a2"), merged("a2", "c"), merged("x", "y"),
      AccountChange(account: "y", state: .test, place: place),
    ])
    #expect(accounts.customer("d") == "a2")
    #expect(accounts.customer("b") == "a2")
    #expect(accounts.customer("x") == nil)
    #expect(accounts.customer("other") == "other")
  }
}
