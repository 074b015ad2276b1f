/// The data of `feature.used`: an account used a feature.
public struct FeatureUsed: SignalPayload {
  public static let type = SignalType.featureUsed
  public static let summary = "An account used a feature."

  /// The feature that was used.
  public let feature: String
  /// The account that used it.
  public let account: String
  /// The person who used it; nil if the event omits it.
  public let user: String?
  /// How many times it was used; nil means once.
  public let count: Double?

  public init(_ fields: inout SignalReader) throws(EventError) {
    feature = try fields.key("feature", "The feature that was used.", example: "smart-routing")
    account = try fields.key("account", "The account that used it.", example: "acme")
    user = try fields.optionalKey("user", "The person who used it.", example: "u-17")
    count = try fields.optionalAmount("count", "How often it was used; once if missing.", example: 3)
  }
}

/// The data of `account.active`: an account was active, with any feature or none.
public struct AccountActive: SignalPayload {
  public static let type = SignalType.accountActive
  public static let summary = "An account was active, with any feature or none."

  /// The account that was active.
  public let account: String
  /// The customer segment it belongs to; nil if the event omits it.
  public let segment: String?

  public init(_ fields: inout SignalReader) throws(EventError) {
    account = try fields.key("account", "The account that was active.", example: "acme")
    segment = try fields.optionalKey("segment", "The customer segment it belongs to.", example: "enterprise")
  }
}

/// The states of an account that an organisation can report.
public enum AccountState: String, Sendable, Hashable, Codable, CaseIterable {
  case active, `internal`, test, closed, merged

  /// The states whose accounts no metric counts and nobody is asked to call.
  public static let excluded: Set<AccountState> = [.internal, .test, .closed]
}

/// The data of `account.changed`: an account changed its state.
public struct AccountChanged: SignalPayload {
  public static let type = SignalType.accountChanged
  public static let summary = "An account changed its state, or was merged into another."

  /// The account that changed.
  public let account: String
  /// Its state from then on.
  public let state: AccountState
  /// The account that takes its place; nil unless the state is `merged`.
  public let mergedInto: String?
  /// The customer segment it belongs to; nil if the event omits it.
  public let segment: String?

  public init(_ fields: inout SignalReader) throws(EventError) {
    account = try fields.key("account", "The account that changed.", example: "acme-old")
    state = try fields.choice("state", "The account's new state.", example: AccountState.merged)
    let target = try fields.optionalKey(
      "mergedInto", "The account it was merged into; required if the state is merged.", example: "acme")
    segment = try fields.optionalKey("segment", "The customer segment it belongs to.", example: "enterprise")
    if state == .merged {
      guard let target else { throw fields.fault("mergedInto", expected: "a key, because the state is merged") }
      guard target != account else { throw fields.fault("mergedInto", expected: "another account than data.account") }
    }
    mergedInto = state == .merged ? target : nil
  }
}
