import JSON
public import LaunchModel

/// What can be done with an item; each raw value is the `action` of history and events.
public enum ItemVerb: String, Sendable, Hashable, CaseIterable {
  case start, done, reopen, block, unblock, submit, approve, reject, withdraw, waive
  case markNotApplicable = "not-applicable"
  case assign, attach, comment

  /// The states from which it is possible.
  ///
  /// `done` and `waive` are possible from `done` only where the item is failing all the same: stale, or held too late.
  public var allowedFrom: Set<ItemState> {
    switch self {
    case .start: [.open]
    case .done: [.open, .inProgress, .waived, .done]
    case .reopen: [.done, .waived, .notApplicable, .inReview]
    case .block: [.open, .inProgress, .inReview]
    case .unblock: [.blocked]
    case .submit: [.open, .inProgress]
    case .approve, .reject: [.inReview]
    case .withdraw: [.inReview, .done]
    case .waive: [.open, .inProgress, .blocked, .inReview, .waived, .done]
    case .markNotApplicable: [.open, .inProgress, .blocked, .inReview, .waived, .notApplicable]
    case .assign: Set(ItemState.allCases).subtracting([.voided])
    case .attach: Set(ItemState.allCases).subtracting([.voided, .notApplicable])
    case .comment: Set(ItemState.allCases)
    }
  }

  /// The verbs that are possible from a state.
  public static func possible(from state: ItemState) -> [ItemVerb] {
    allCases.filter { $0.allowedFrom.contains(state) }
  }

  /// Whether it is refused without a reason.
  public var needsReason: Bool {
    switch self {
    case .reopen, .block, .reject, .waive, .markNotApplicable: true
    case .start, .done, .unblock, .submit, .approve, .withdraw, .assign, .attach, .comment: false
    }
  }

  /// Throws a conflict that says what is possible instead.
  func requireAllowed(from state: ItemState, of item: String) throws(Problem) {
    guard !allowedFrom.contains(state) else { return }
    let possible = Self.possible(from: state).map(\.rawValue)
    throw Problem(
      .conflict, code: "not-allowed-in-state", title: "not possible in the item's state",
      detail:
        "\(rawValue) is not possible: \(item) is \(state.rawValue); possible now: \(possible.joined(separator: ", "))",
      extra: ["state": .string(state.rawValue), "possible": .array(possible.map { .string($0) })])
  }
}
