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
    var path = [account]
    var current = account
    while let change = change(of: current, at: moment) {
      guard change.state == .merged, let next = change.mergedInto else {
        return AccountState.excluded.contains(change.state) ? nil : current
      }
      if let start = path.firstIndex(of: next) { return path[start...].min() }
      path.append(next)
      current = next
    }
    return current
  }

  /// The latest change at or before a moment.
  private func change(of account: String, at moment: Timestamp) -> AccountChange? {
    history[account]?.last { $0.at <= moment }
  }
}

/// The state that an organisation gives an account.
public enum AccountState: String, Sendable, Hashable, Codable, CaseIterable {
  case active, `internal`, test, closed, merged

  /// The states that exclude an account from every metric.
  public static let excluded: Set<AccountState> = [.internal, .test, .closed]
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
