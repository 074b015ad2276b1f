public import Contract
import LaunchModel

/// The rules for calling customers: each customer on the agenda needs an outreach action with an owner and an outcome.
public enum Outreach {
  /// Whether the point is a customer to call; its outcome must be an action, never a note.
  public static func isCustomer(_ point: String?) -> Bool { point?.hasPrefix("\(PointID.customerKind)/") ?? false }

  /// The kind of an action for a point: outreach for a customer to call,
  /// otherwise a follow-up, even if the point is nil.
  public static func kind(ofActionFor point: String?) -> ActionView.Kind { isCustomer(point) ? .outreach : .followUp }

  /// The text of an outreach action: whom to call, and the reasons.
  public static func text(for customer: AgendaView.CustomerPoint) -> String {
    TextLimit.comment.cutting("\(call)\(customer.account)\(because)\(customer.reasons.joined(separator: "; "))")
  }

  private static let call = "Call "
  private static let because = ": "

  /// Whether the text of an action only repeats why its customer is called, as that of `text(for:)`.
  private static func repeatsReasons(_ action: ActionView) -> Bool {
    guard action.text.hasPrefix(call) else { return false }
    let rest = action.text.dropFirst(call.count)
    // An account may have the separator in its name.
    return rest.ranges(of: because).contains { separator in
      PointID.customer(String(rest[..<separator.lowerBound])) == action.point
    }
  }

  /// The customers without an outcome and without an open action.
  ///
  /// - Parameter actions: the review's actions.
  public static func uncalled(_ agenda: AgendaView, actions: [ActionView]) -> [AgendaView.CustomerPoint] {
    let open = Set(actions.filter { $0.state == .open }.compactMap(\.point))
    return agenda.customers.filter { $0.outcome == nil && !open.contains($0.id) }
  }

  /// The action that serves as the outcome of a customer's point: one that is done; otherwise an open one with an
  /// owner; otherwise the latest that Product Ops dropped. Nil if there is none.
  static func deciding(_ actions: [ActionView]) -> ActionView? {
    actions.first { $0.state == .done } ?? actions.first { $0.state == .open && $0.owner != nil }
      ?? actions.last { $0.state == .dropped }
  }

  /// An action as the outcome of its customer: whose it is, and how it ended, or what it does unless that only repeats
  /// the reasons.
  static func outcome(by action: ActionView) -> String {
    let owner = action.owner.map { [$0] } ?? []
    let standing = action.state == .open ? owner : owner + [action.state.rawValue]
    let due = action.due.map { " by \($0)" } ?? ""
    let text = action.outcome ?? (repeatsReasons(action) ? "to be called\(due)" : action.text)
    return "action \(action.id) (\(standing.joined(separator: ", "))): \(text)"
  }
}

extension AgendaView {
  /// Sets the outcome of each customer from outreach actions only. An action for a merged account counts for the
  /// account that it was merged into.
  mutating func setOutreach(_ actions: [ActionView], accounts: [AccountChange]) {
    let index = AccountIndex(accounts)
    let merged = accounts.filter { $0.state == .merged }.compactMap { change in
      index.customer(change.account).map { (PointID.customer(change.account), PointID.customer($0)) }
    }
    let successors = Dictionary(merged, uniquingKeysWith: { first, _ in first })
    let outreach = actions.filter { Outreach.isCustomer($0.point) }
    let byPoint = Dictionary(grouping: outreach) { action in
      action.point.map { successors[$0] ?? $0 } ?? ""
    }
    for number in customers.indices {
      let deciding = Outreach.deciding(byPoint[customers[number].id] ?? [])
      customers[number].outcome = deciding.map { Outreach.outcome(by: $0) }
      customers[number].action = deciding?.id
    }
  }
}
