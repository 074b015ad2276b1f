public import LaunchModel

/// What an organisation says an account is.
public enum AccountState: String, Sendable, Hashable, Codable, CaseIterable {
  case active, `internal`, test, closed, merged

  /// The states whose accounts no metric counts.
  public static let excluded: Set<AccountState> = [.internal, .test, .closed]
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
