import Contract
import LaunchModel

extension LaunchChecklist {
  /// Returns each group's approvals of an item, with the time that the group has taken.
  func approvalViews(of item: ChecklistItem, at moment: LaunchMoment) -> [ApprovalView] {
    item.approvalTally(provenOnly: moment.provenOnly).views.map { view in
      var view = view
      view.clock = ReviewClock(of: item, rule: ApprovalRule(group: view.group, quorum: view.quorum), at: moment)?.view
      return view
    }
  }
}

/// How long a group takes to approve an item, in business time.
///
/// The clock covers all review rounds since the item was first submitted, or since it was submitted again after being
/// done. It runs only while the item waits for its reviewers: time that the author takes, after a rejection or while
/// the item is blocked, does not count.
struct ReviewClock: Sendable, Hashable {
  /// When the group was first asked.
  let requestedAt: Timestamp
  /// When somebody of the group first approved or rejected the item; nil if nobody has.
  let firstResponseAt: Timestamp?
  /// When the group's quorum was reached; nil if it is not reached, or if there is a valid rejection.
  let resolvedAt: Timestamp?
  /// The business seconds until the first response, or until now if there is none.
  let responseSeconds: Int
  /// The business seconds until the approval was resolved, or until now if it is not.
  let waitedSeconds: Int
  /// Whom the approval waits for; nil if it is resolved or no longer requested.
  let waitsFor: ApprovalClock.Party?

  /// The clock of a group at a moment; nil if approvals were not asked for.
  init?(of item: ChecklistItem, rule: ApprovalRule, at moment: LaunchMoment) {
    guard let requestedAt = item.rounds.first?.askedAt else { return nil }
    let given = item.approvals.filter { $0.group == rule.group && $0.at >= requestedAt }
    let counted = item.approvalTally(provenOnly: moment.provenOnly).counted(for: rule.group)
    let isRejected = given.contains { $0.stands && $0.verdict == .rejected }
    let isResolved = counted.count >= rule.quorum && !isRejected
    let firstResponseAt = given.map(\.at).min()
    let resolvedAt = isResolved ? max(requestedAt, counted[rule.quorum - 1].at) : nil
    let time = BusinessTime(calendar: moment.calendars.calendar(ofGroup: rule.group), zone: moment.zone)
    func waited(until end: Timestamp) -> Int {
      item.rounds.flatMap(\.waits).reduce(0) { sum, wait in
        let until = min(wait.until ?? end, end)
        return until > wait.from ? sum + time.seconds(from: wait.from, to: until) : sum
      }
    }
    self.requestedAt = requestedAt
    self.firstResponseAt = firstResponseAt
    self.resolvedAt = resolvedAt
    responseSeconds = waited(until: firstResponseAt ?? moment.now)
    waitedSeconds = waited(until: resolvedAt ?? moment.now)
    waitsFor = isResolved ? nil : item.reviewParty
  }

  /// The clock in the form shown with the group's approvals.
  var view: ApprovalClock {
    ApprovalClock(
      requestedAt: requestedAt, firstResponseAt: firstResponseAt, resolvedAt: resolvedAt,
      responseMinutes: responseSeconds / 60, waitedMinutes: waitedSeconds / 60, waitsFor: waitsFor)
  }
}

extension ChecklistItem {
  /// Whom the item's approvals wait for; nil if they are no longer requested.
  fileprivate var reviewParty: ApprovalClock.Party? {
    if isWaitingForReviewers { return .reviewers }
    switch state {
    case .open, .inProgress, .blocked, .inReview: return .author
    case .done, .waived, .notApplicable, .voided: return nil
    }
  }
}

/// Time that passes on business days only. Each counts as 24 hours from midnight to midnight in the zone, even if a
/// clock change makes it longer or shorter; two business days from a time of day therefore end at the same time of day.
struct BusinessTime: Sendable {
  let calendar: BusinessCalendar
  let zone: ZoneRules

  /// The seconds of a business day.
  static let day = 86_400

  /// The business seconds between two moments; 0 if the second is not later.
  func seconds(from start: Timestamp, to end: Timestamp) -> Int {
    guard start < end else { return 0 }
    let (first, last) = (zone.localDate(at: start), zone.localDate(at: end))
    // The business days from the first day to the one before the last.
    let days = calendar.businessDays(from: first.adding(days: -1), to: last.adding(days: -1))
    return days * Self.day + elapsed(of: last, at: end) - elapsed(of: first, at: start)
  }

  /// Returns the first moment at which that many business seconds have passed since another moment.
  func moment(after seconds: Int, from start: Timestamp) -> Timestamp {
    guard seconds > 0 else { return start }
    var day = zone.localDate(at: start)
    var left = seconds + elapsed(of: day, at: start)
    while true {
      if calendar.isBusinessDay(day) {
        if left <= Self.day { return moment(left, into: day) }
        left -= Self.day
      }
      day = day.adding(days: 1)
    }
  }

  /// Returns the business seconds of a day that have passed at a moment of that day; 0 if it is not a business day.
  private func elapsed(of day: LocalDate, at moment: Timestamp) -> Int {
    guard calendar.isBusinessDay(day) else { return 0 }
    let (start, length) = span(of: day)
    return Int(Int64(Self.day) * (moment.microseconds - start.microseconds) / length)
  }

  private func moment(_ seconds: Int, into day: LocalDate) -> Timestamp {
    let (start, length) = span(of: day)
    let whole = Int64(Self.day)
    return Timestamp(microseconds: start.microseconds + (Int64(seconds) * length + whole - 1) / whole)
  }

  /// The start of a day and its length in microseconds.
  private func span(of day: LocalDate) -> (start: Timestamp, length: Int64) {
    let start = zone.startOfDay(day)
    return (start, zone.startOfDay(day.adding(days: 1)).microseconds - start.microseconds)
  }
}
