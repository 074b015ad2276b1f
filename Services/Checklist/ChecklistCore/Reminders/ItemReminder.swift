public import Contract
public import LaunchModel

/// A reminder about an item, sent once, on or after a given day (product.md, section 6, "Notices").
public struct ItemReminder: Sendable, Hashable {
  /// What a reminder is about.
  public enum Kind: String, Sendable, Hashable {
    /// The item is due within `LaunchChecklist.dueSoonDays` business days.
    case due
    /// The due day has passed and the item is not satisfied.
    case overdue
    /// The item's waiver ends within `LaunchChecklist.dueSoonDays` business days.
    case waiverExpiring = "waiverexpiring"
  }

  /// What it is about.
  public var kind: Kind
  /// The item it is about.
  public var item: ItemReference
  /// The day it is about: the day the item is due or its waiver ends.
  public var about: LocalDate
  /// The first day on which it is sent, local to the launch.
  public var from: LocalDate
  /// The recipients; empty if nobody is assigned.
  public var people: [PersonID]
  /// The functions to notify besides the assigned person; if there is one, only when it is overdue.
  public var functions: [LaunchFunction]
  /// The text shown to the recipients.
  public var text: String

  /// The key that identifies the notice, such as `due/smart-routing/kb-article/de/2027-02-23`: a new date makes a new
  /// notice, and a date that is restored does not.
  public func key(of launch: LaunchID) -> String { "\(kind.rawValue)/\(launch)/\(item.name)/\(about)" }
}

extension LaunchChecklist {
  /// The reminders due by the moment's day, only the latest for each item: earlier ones that were missed are obsolete.
  public func reminders(at moment: LaunchMoment) -> [ItemReminder] {
    allReminders(at: moment).compactMap { $0.last { $0.from <= moment.today } }
  }

  /// The next local day on which another reminder falls due if the items do not change; nil if there is none.
  public func nextReminderDay(after moment: LaunchMoment) -> LocalDate? {
    allReminders(at: moment).joined().map(\.from).filter { $0 > moment.today }.min()
  }

  /// The reminders of each item and of each day of hypercare, in the order of their days; none for a launch that is stopped,
  /// closed or of tier 3.
  private func allReminders(at moment: LaunchMoment) -> [[ItemReminder]] {
    guard isRunning, record.status != .closed, record.tier < .minor else { return [] }
    let ofItems: [[ItemReminder]] = items.map { item in
      if item.state == .waived, let waiver = item.waiver, let until = waiver.until {
        guard !isKept(waiver, until: until, in: moment.zone) else { return [] }
        let all = reminders(of: item, waivedUntil: until, moment)
        // A waiver that ends with the launch's date has done its work by then.
        return endsOnTime(waiver, until: until) ? all.filter { $0.kind != .waiverExpiring } : all
      }
      return standing(of: item, at: moment).level == .satisfied ? [] : reminders(of: item, moment)
    }
    return ofItems + hypercareReminders(at: moment)
  }

  private func reminders(of item: ChecklistItem, _ moment: LaunchMoment) -> [ItemReminder] {
    let soon = firstDay(within: item.due, of: item, moment)
    return [
      reminder(.due, item, about: item.due, from: soon, "is due on \(item.due)"),
      reminder(.overdue, item, about: item.due, from: item.due.adding(days: 1), "has been overdue since \(item.due)"),
    ]
  }

  private func reminders(
    of item: ChecklistItem, waivedUntil until: LocalDate, _ moment: LaunchMoment
  ) -> [ItemReminder] {
    let soon = firstDay(within: until, of: item, moment)
    let late = max(item.due.adding(days: 1), until)
    return [
      reminder(
        .waiverExpiring, item, about: until, from: soon,
        "is waived only until \(until); from then on it counts as not done"),
      reminder(
        .overdue, item, about: item.due, from: late,
        "has been overdue since \(item.due): its waiver expired on \(until)"),
    ]
  }

  /// The first day from which `day` is at most `dueSoonDays` business days ahead.
  private func firstDay(within day: LocalDate, of item: ChecklistItem, _ moment: LaunchMoment) -> LocalDate {
    moment.calendars.calendar(of: item.definition.function).day(-Self.dueSoonDays, from: day)
  }

  private func reminder(
    _ kind: ItemReminder.Kind, _ item: ChecklistItem, about: LocalDate, from: LocalDate, _ what: String
  ) -> ItemReminder {
    let function = item.definition.function
    let isForFunction = item.assignee == nil || kind == .overdue
    return ItemReminder(
      kind: kind, item: item.reference, about: about, from: from, people: item.assignee.map { [$0] } ?? [],
      functions: isForFunction ? [function] : [],
      text: "\(item.name) (\(function.title)) of \(record.plan.name) \(what)")
  }
}
