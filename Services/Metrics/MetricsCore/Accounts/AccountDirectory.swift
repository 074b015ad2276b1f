public import Contract
public import LaunchModel

/// The history of every account that was ever changed; any other account is active.
public struct AccountDirectory: Sendable, Hashable {
  /// The changes of each account, ascending by time and log offset.
  private var history: [String: [AccountChange]]

  /// Creates a directory from changes in any order; of two at the same moment, the later in the log wins.
  public init(_ changes: some Sequence<AccountChange> = []) {
    history = Dictionary(grouping: changes, by: \.account).mapValues { changes in
      changes.sorted { ($0.at, $0.offset) < ($1.at, $1.offset) }
    }
  }

  /// The accounts that were changed or had others merged into them: only for these does `counted` depend on the moment.
  public var involved: Set<String> {
    history.values.reduce(into: []) { accounts, changes in
      for change in changes {
        accounts.insert(change.account)
        if let target = change.mergedInto { accounts.insert(target) }
      }
    }
  }

  /// The account that this one counts as at a moment; nil if it is excluded.
  ///
  /// Merges are followed to the last account, whose state decides; a cycle of merges ends at its least key.
  public func counted(_ account: String, at moment: Timestamp) -> String? {
    let survivor = MergeChain.survivor(of: account) { key in
      change(of: key, at: moment).flatMap { $0.state == .merged ? $0.mergedInto : nil }
    }
    guard let change = change(of: survivor, at: moment) else { return survivor }
    return AccountState.excluded.contains(change.state) ? nil : survivor
  }

  /// The latest change at or before a moment.
  private func change(of account: String, at moment: Timestamp) -> AccountChange? {
    history[account]?.last { $0.at <= moment }
  }
}

/// One `account.changed`.
public struct AccountChange: Sendable, Hashable {
  /// The organisation's key of the account.
  public var account: String
  /// When it happened and took effect.
  public var at: Timestamp
  /// Its offset in the log; of two changes at the same moment, the later in the log wins.
  public var offset: Int64
  /// The account's new state.
  public var state: AccountState
  /// For `merged`, the account that its activity counts for from then on.
  public var mergedInto: String?

  public init(account: String, at: Timestamp, offset: Int64, state: AccountState, mergedInto: String? = nil) {
    self.account = account
    self.at = at
    self.offset = offset
    self.state = state
    self.mergedInto = mergedInto
  }
}
