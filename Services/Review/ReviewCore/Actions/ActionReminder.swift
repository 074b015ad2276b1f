public import LaunchModel

/// The reminders of an open action: one on its due date, then one every 7 days.
public enum ActionReminder {
  /// The number of days between reminders.
  public static let interval = 7

  /// The date of the latest unsent reminder that is due; nil if there is none.
  ///
  /// Of several missed reminders, only the latest is sent.
  ///
  /// - Parameters:
  ///   - due: the action's due date.
  ///   - today: the current local date.
  ///   - last: the date of the last reminder that was sent; nil if none was.
  public static func date(due: LocalDate, today: LocalDate, last: LocalDate?) -> LocalDate? {
    guard today >= due else { return nil }
    let elapsed = today.ordinal - due.ordinal
    let date = due.adding(days: elapsed / interval * interval)
    return date > last ?? due.adding(days: -1) ? date : nil
  }
}

/// The escalations of an open action that is overdue: one on the third business day
/// after its due date, then one every 7 days.
public enum ActionEscalation {
  /// The number of business days between the due date and the first escalation.
  public static let businessDays = 3

  /// The date of the latest unsent escalation that is due; nil if there is none.
  ///
  /// Of several missed escalations, only the latest is sent.
  ///
  /// - Parameters:
  ///   - due: the action's due date.
  ///   - today: the current local date.
  ///   - last: the date of the last escalation that was sent; nil if none was.
  ///   - calendar: the launch's business days.
  public static func date(
    due: LocalDate, today: LocalDate, last: LocalDate?, calendar: BusinessCalendar
  ) -> LocalDate? {
    guard today > due else { return nil }
    return ActionReminder.date(due: calendar.day(businessDays, from: due), today: today, last: last)
  }
}

/// Who is notified about an action.
public struct ActionAudience: Sendable, Hashable {
  /// People on the roster.
  public var people: [PersonID]
  /// Functions that are notified in addition to the people.
  public var functions: [LaunchFunction]

  public init(people: [PersonID] = [], functions: [LaunchFunction] = []) {
    self.people = people
    self.functions = functions
  }

  /// Product Ops, who find an owner for an action without one.
  public static let productOps = ActionAudience(functions: [.productOps])

  /// Who is reminded of an action: its owner, or Product Ops if it has no owner on the roster.
  ///
  /// - Parameter roster: the roster; if nil or empty, every name counts as known.
  public static func reminder(owner: PersonID?, roster: Roster?) -> ActionAudience {
    guard let owner, isKnown(owner, roster) else { return productOps }
    return ActionAudience(people: [owner])
  }

  /// Who is notified of an overdue action: the leads of the owner's functions or, if these have no lead besides the
  /// owner, Product Ops. Nil if Product Ops receive the reminders already.
  ///
  /// - Parameter roster: the roster; if nil or empty, every name counts as known.
  public static func escalation(owner: PersonID?, roster: Roster?) -> ActionAudience? {
    guard let owner, isKnown(owner, roster) else { return nil }
    guard let roster, let person = roster.people[owner] else { return productOps }
    let functions = Set(person.functions + person.lead)
    let leads = roster.people.filter { $0.key != owner && !functions.isDisjoint(with: $0.value.lead) }
    return leads.isEmpty ? productOps : ActionAudience(people: leads.keys.sorted())
  }

  private static func isKnown(_ owner: PersonID, _ roster: Roster?) -> Bool {
    guard let roster, !roster.isEmpty else { return true }
    return roster.people[owner] != nil
  }
}
