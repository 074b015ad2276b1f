import Contract
import LaunchModel
import MetricsCore
import Testing

@Suite("Account states and merges")
struct AccountDirectoryTests {
  @Test("An account without changes counts as itself")
  func unknown() { #expect(AccountDirectory().counted("a", before: day(0)) == "a") }

  @Test(
    "Internal, test and closed accounts do not count after their change",
    arguments: [AccountState.internal, .test, .closed])
  func excluded(state: AccountState) {
    let directory = AccountDirectory([change("a", day: 5, state)])
    #expect(directory.counted("a", before: day(4)) == "a")
    #expect(directory.counted("a", before: day(5)) == "a")
    #expect(directory.counted("a", before: after(5)) == nil)
  }

  @Test("The latest change counts, by time and then by offset, regardless of arrival order")
  func latest() {
    let changes = [
      change("a", day: 3, .active, offset: 9), change("a", day: 1, .test, offset: 12),
      change("a", day: 3, .internal, offset: 4),
    ]
    for order in [changes, changes.reversed()] {
      let directory = AccountDirectory(order)
      #expect(directory.counted("a", before: after(2)) == nil)
      #expect(directory.counted("a", before: after(3)) == "a")
    }
  }

  @Test("A chain of merges is followed to its end, whose state decides")
  func merges() {
    let directory = AccountDirectory([
      change("a", day: 1, .merged, into: "b"), change("b", day: 2, .merged, into: "c"), change("c", day: 4, .closed),
      change("a", day: 0, .internal),
    ])
    #expect(directory.counted("a", before: after(0)) == nil)
    #expect(directory.counted("a", before: after(1)) == "b")
    #expect(directory.counted("a", before: after(2)) == "c")
    #expect(directory.counted("a", before: after(4)) == nil)
  }

  @Test("A cycle of merges is one account")
  func circle() {
    let directory = AccountDirectory([
      change("b", day: 1, .merged, into: "c"), change("c", day: 1, .merged, into: "a"),
      change("a", day: 1, .merged, into: "b"), change("x", day: 1, .merged, into: "c"),
    ])
    #expect(["a", "b", "c", "x"].map { directory.counted($0, before: after(1)) } == ["a", "a", "a", "a"])
  }

  /// Just after the changes of a day.
  private func after(_ number: Int) -> Timestamp { Timestamp(microseconds: day(number).microseconds + 1) }

  private func day(_ number: Int) -> Timestamp { Timestamp(microseconds: 0).adding(days: number) }

  private func change(
    _ account: String, day number: Int, _ state: AccountState, into target: String? = nil, offset: Int64 = 1
  ) -> AccountChange {
    AccountChange(account: account, at: day(number), offset: offset, state: state, mergedInto: target)
  }
}
