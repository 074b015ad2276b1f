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

  /// The kind of reminder.
  public var kind: Kind
  /// The item it is about.
  public var item: ItemReference
  /// The day on which the item is due or its waiver ends.
  public var about: LocalDate
  /// The first day on which the reminder may be sent, local to the launch.
  public var from: LocalDate
  /// The recipients; empty if nobody is assigned.
  public var people: [PersonID]
  /// The functions that are notified in addition; if somebody is assigned, only once the item is overdue.
  public var functions: [LaunchFunction]
  /// The text shown to the recipients.
  public var text: String

  /// Returns the key that identifies the notice, such as `due/smart-routing/kb-article/de/2027-02-23`. A new date makes
  /// a new notice; restoring an earlier date does not.
  public func key(of launch: LaunchID) -> String { "\(kind.rawValue)/\(launch)/\(item.name)/\(about)" }
}

extension LaunchChecklist {
  /// Returns the reminders due by the moment's day, only the latest for each item: if earlier ones were missed, they
  /// are obsolete.
  public func reminders(at moment: LaunchMoment) -> [ItemReminder] {
    allReminders(at: moment).compactMap { $0.last { $0.from <= moment.today } }
  }

  /// Returns the next local day on which another reminder is due if the items do not change; nil if there is none.
  public func nextReminderDay(after moment: LaunchMoment) -> LocalDate? {
    allReminders(at: moment).joined().map(\.from).filter { $0 > moment.today }.min()
  }

  /// Returns the reminders of each item and of each day of hypercare, in date order; none for a launch that is stopped,
  /// closed or in tier 3.
  private func allReminders(at moment: LaunchMoment) -> [[ItemReminder]] {
    guard isRunning, record.status != .closed, record.tier < .minor else { return [] }
    let ofItems: [[ItemReminder]] = items.map { item in
      if item.state == .waived, let waiver = item.waiver, let until = waiver.until {
        guard !isKept(waiver, until: until, in: moment.zone) else { return [] }
        let all = reminders(of: item, waivedUntil: until, moment)
        // A waiver that ends with the launch date is no longer needed after it, so its end needs no reminder.
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

  /// Returns the first day from which `day` is at most `dueSoonDays` business days ahead.
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

/// A notice about a requested approval: sent to the group at once and, if the group does not respond in time, to the
/// group again and to its lead (product.md, section 6, "Notices").
public struct ApprovalNotice: Sendable, Hashable {
  /// The kind of notice.
  public enum Kind: String, Sendable, Hashable {
    /// The approval has been requested.
    case asked
    /// The group has not responded in time.
    case reminder
    /// The group has not responded in time; this notice goes to whoever leads the group.
    case lead
  }

  /// The kind of notice.
  public var kind: Kind
  /// The item to approve.
  public var item: ItemReference
  /// The group that is asked.
  public var group: String
  /// When the review round began in which the group is asked.
  public var askedAt: Timestamp
  /// When the notice is to be sent.
  public var at: Timestamp
  /// The people to notify in addition to the functions.
  public var people: [PersonID]
  /// The functions to notify.
  public var functions: [LaunchFunction]
  /// The text shown to the recipients.
  public var text: String

  /// Returns the key that identifies the notice, such as
  /// `approvalasked/smart-routing/launch-copy/legal/2027-02-01T15:00:00Z`. Each round has its own notices.
  public func key(of launch: LaunchID) -> String {
    let round = "approvalasked/\(launch)/\(item.name)/\(group)/\(askedAt)"
    return kind == .asked ? round : "\(round)/\(kind.rawValue)"
  }
}

extension LaunchChecklist {
  /// The number of business days, by its own calendar, that a group has to respond before it is reminded and its lead
  /// notified.
  public static let responseDays = 2

  /// Returns the notices due by a moment.
  public func approvalNotices(at moment: LaunchMoment) -> [ApprovalNotice] {
    allApprovalNotices(at: moment).filter { $0.at <= moment.now }
  }

  /// Returns when the next notice is due if the items do not change; nil if there will be none.
  public func nextApprovalNotice(after moment: LaunchMoment) -> Timestamp? {
    allApprovalNotices(at: moment).map(\.at).filter { $0 > moment.now }.min()
  }

  /// Returns the notices of the current rounds to groups that have not responded; none for a launch that is stopped or
  /// closed.
  private func allApprovalNotices(at moment: LaunchMoment) -> [ApprovalNotice] {
    guard isRunning, record.status != .closed else { return [] }
    return items.flatMap { item -> [ApprovalNotice] in
      guard item.isWaitingForReviewers, let round = item.rounds.last, let wait = round.waits.last else { return [] }
      let missing = item.approvalTally(provenOnly: moment.provenOnly).missing.map(\.group)
      return missing.filter { !item.hasResponse(of: $0, since: round.askedAt) }.flatMap { group in
        notices(of: item, to: group, in: round, waitingSince: wait.from, moment)
      }
    }
  }

  private func notices(
    of item: ChecklistItem, to group: String, in round: ReviewRound, waitingSince start: Timestamp,
    _ moment: LaunchMoment
  ) -> [ApprovalNotice] {
    let time = BusinessTime(calendar: moment.calendars.calendar(ofGroup: group), zone: moment.zone)
    let before = round.waits.dropLast().reduce(0) { $0 + time.seconds(from: $1.from, to: $1.until ?? $1.from) }
    let late = time.moment(after: Self.responseDays * BusinessTime.day - before, from: start)
    let what = "\(item.name) (\(item.definition.function.title)) of \(record.plan.name)"
    let command = "gonogo item approve \(launch) \(item.name)"
    let silence = "\(what) has waited \(Self.responseDays) business days for a response by \(group)"
    let reviewers = reviewers(of: group, for: item, on: moment)
    func notice(
      _ kind: ApprovalNotice.Kind, at due: Timestamp, to audience: Audience, _ text: String
    ) -> ApprovalNotice {
      ApprovalNotice(
        kind: kind, item: item.reference, group: group, askedAt: round.askedAt, at: due, people: audience.people,
        functions: audience.functions, text: text)
    }
    return [
      notice(.asked, at: round.askedAt, to: reviewers, "\(what) waits for approval by \(group): \(command)"),
      notice(.reminder, at: late, to: reviewers, "\(silence): approve it, or reject it with a reason (\(command))"),
      notice(.lead, at: late, to: leads(of: group, on: moment.roster), "\(silence); ask its members to respond"),
    ]
  }

  private typealias Audience = (people: [PersonID], functions: [LaunchFunction])

  /// Returns who can respond for a group: a function as a whole, or another group's members who are not the item's
  /// authors; and the stand-ins of the members.
  private func reviewers(of group: String, for item: ChecklistItem, on moment: LaunchMoment) -> Audience {
    let function = LaunchFunction(rawValue: group)
    guard let roster = moment.roster else { return ([], function.map { [$0] } ?? []) }
    let members = roster.people.filter { $0.value.isIn(group) }.keys.filter { !item.authors.contains($0) }
    let standIns = members.flatMap { roster.standIns(for: $0, on: moment.today) }
    let people = Set((function == nil ? members : []) + standIns).subtracting(item.authors)
    return (people.sorted(), function.map { [$0] } ?? [])
  }

  /// Returns who leads a function; Product Ops for a group that is not a function, and for a function without a lead.
  private func leads(of group: String, on roster: Roster?) -> Audience {
    let leads = LaunchFunction(rawValue: group).map { function in
      (roster?.people ?? [:]).filter { $0.value.lead.contains(function) }.keys.sorted()
    }
    guard let leads, !leads.isEmpty else { return ([], [.productOps]) }
    return (leads, [])
  }
}

extension ChecklistItem {
  /// Whether a member of the group has approved or rejected the item since a moment, even if that is no longer valid.
  fileprivate func hasResponse(of group: String, since start: Timestamp) -> Bool {
    approvals.contains { $0.group == group && $0.at >= start }
  }
}
