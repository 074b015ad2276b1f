public import Contract
public import LaunchModel

/// The history of every account that was ever changed; any other is active.
public struct AccountDirectory: Sendable, Hashable {
  /// Ascending by moment and place in the log.
  private var history: [String: [AccountChange]]

  /// Takes changes in any order; of two at one moment the later in the log counts.
  public init(_ changes: some Sequence<AccountChange> = []) {
    history = Dictionary(grouping: changes, by: \.account).mapValues { changes in
      changes.sorted { ($0.at, $0.offset) < ($1.at, $1.offset) }
    }
  }

  /// Whether the account was changed, or others were merged into it: only for these the moment asked about matters.
  public var involved: Set<String> {
    history.values.reduce(into: []) { accounts, changes in
      for change in changes {
        accounts.insert(change.account)
        if let target = change.mergedInto { accounts.insert(target) }
      }
    }
  }

  /// The account that stands for this one at that moment, or nil where it is not counted then.
  ///
  /// Merges are followed to their end; a circle of them ends at its least key. The state that decides is the last
  /// account's.
  public func counted(_ account: String, at moment: Timestamp) -> String? {
    let survivor = MergeChain.survivor(of: account) { key in
      change(of: key, at: moment).flatMap { $0.state == .merged ? $0.mergedInto : nil }
    }
    guard let change = change(of: survivor, at: moment) else { return survivor }
    return AccountState.excluded.contains(change.state) ? nil : survivor
  }

  /// The latest change at that moment or before.
  private func change(of account: String, at moment: Timestamp) -> AccountChange? {
    history[account]?.last { $0.at <= moment }
  }
}

/// One `account.changed`.
public struct AccountChange: Sendable, Hashable {
  /// The organisation's key of the account.
  public var account: String
  /// When it happened, from which on it holds.
  public var at: Timestamp
  /// Of two changes at the same moment the later in the log counts.
  public var offset: Int64
  /// What the account is from then on.
  public var state: AccountState
  /// Where its activity counts from then on, for `merged`.
  public var mergedInto: String?

  public init(account: String, at: Timestamp, offset: Int64, state: AccountState, mergedInto: String? = nil) {
    self.account = account
    self.at = at
    self.offset = offset
    self.state = state
    self.mergedInto = mergedInto
  }
}
