public import Contract
public import LaunchModel

/// Something that the people of an item are told once, from a day on (product.md, section 6, "Notices").
public struct ItemReminder: Sendable, Hashable {
  /// What it is told of.
  public enum Kind: String, Sendable, Hashable {
    /// The item is due within `LaunchChecklist.dueSoonDays` business days.
    case due
    /// The item was due, and is not satisfied.
    case overdue
    /// The waiver that the item passes by ends within as many business days.
    case waiverExpiring = "waiverexpiring"
  }

  /// What it is told of.
  public var kind: Kind
  /// The item that it is about.
  public var item: ItemReference
  /// The day that it is about: when the item is due, or its waiver ends.
  public var about: LocalDate
  /// The first local day of the launch on which it is told.
  public var from: LocalDate
  /// Whom it is for; empty where the item has no owner.
  public var people: [PersonID]
  /// The function it is for beside its owner; of an item that somebody owns, only what is late.
  public var functions: [LaunchFunction]
  /// A sentence to show to them.
  public var text: String

  /// The key by which the same notice is known again, as `due/smart-routing/kb-article/de/2027-02-23`: a date that moves makes
  /// another one, and a date that comes back does not.
  public func key(of launch: LaunchID) -> String { "\(kind.rawValue)/\(launch)/\(item.name)/\(about)" }
}

extension LaunchChecklist {
  /// What there is to tell of the items by the moment's day, for each the latest only: of several that were missed, the
  /// others are old.
  public func reminders(at moment: LaunchMoment) -> [ItemReminder] {
    allReminders(at: moment).compactMap { $0.last { $0.from <= moment.today } }
  }

  /// The next local day on which there is more to tell, as far as the items stay as they are; nil where there is none.
  public func nextReminderDay(after moment: LaunchMoment) -> LocalDate? {
    allReminders(at: moment).joined().map(\.from).filter { $0 > moment.today }.min()
  }

  /// For each item what is told of it, in the order of its days. A launch that is stopped or has no process reminds of nothing.
  private func allReminders(at moment: LaunchMoment) -> [[ItemReminder]] {
    guard isRunning, record.status != .closed, record.tier < .minor else { return [] }
    return items.map { item in
      if item.state == .waived, let until = item.waiver?.until {
        return reminders(of: item, waivedUntil: until, moment)
      }
      return standing(of: item, at: moment).level == .satisfied ? [] : reminders(of: item, moment)
    }
  }

  private func reminders(of item: ChecklistItem, _ moment: LaunchMoment) -> [ItemReminder] {
    let soon = firstDay(within: item.due, of: item, moment)
    return [
      reminder(.due, item, about: item.due, from: soon, "is due on \(item.due)"),
      reminder(.overdue, item, about: item.due, from: item.due.adding(days: 1), "is overdue since \(item.due)"),
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
        "is waived until \(until), and stands in the way of GO from then on"),
      reminder(
        .overdue, item, about: item.due, from: late, "is overdue since \(item.due): its waiver ended on \(until)"),
    ]
  }

  /// The first day on which a day is no more than `dueSoonDays` business days ahead.
  private func firstDay(within day: LocalDate, of item: ChecklistItem, _ moment: LaunchMoment) -> LocalDate {
    moment.calendars.calendar(of: item.definition.function).day(-Self.dueSoonDays, from: day)
  }

  private func reminder(
    _ kind: ItemReminder.Kind, _ item: ChecklistItem, about: LocalDate, from: LocalDate, _ what: String
  ) -> ItemReminder {
    let function = item.definition.function
    let isForFunction = item.owner == nil || kind == .overdue
    return ItemReminder(
      kind: kind, item: item.reference, about: about, from: from, people: item.owner.map { [$0] } ?? [],
      functions: isForFunction ? [function] : [],
      text: "\(item.name) (\(function.title)) of \(record.plan.name) \(what)")
  }
}
