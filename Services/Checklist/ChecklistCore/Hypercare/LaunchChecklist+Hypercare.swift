public import Contract
public import LaunchModel

/// The recorded hypercare of a launch.
public struct Hypercare: Sendable, Hashable {
  /// The roster of shifts; nil if none was set.
  public var roster: HypercareRoster?
  /// The number of times that the roster was set; 0 if it never was.
  public var rosterVersion = 0
  /// Who set the roster, as shown in histories; nil if none was set.
  public var setBy: String?
  /// When the roster was set; nil if none was.
  public var setAt: Timestamp?
  /// The checks in the order in which they were recorded. If a day has several, the last one counts.
  public var checks: [HypercareCheck] = []

  public init() {}
}

/// The stored check of one day of hypercare.
public struct HypercareCheck: Sendable, Hashable, Codable {
  /// The check's number in the order of recording, from 1.
  public var sequence: Int
  /// The launch attempt, from 1.
  public var attempt: Int
  /// The day of hypercare, from 1 (the day of the first exposure).
  public var day: Int
  /// The local date of that day, as it was when the check was recorded.
  public var date: LocalDate
  /// Whether something needs attention.
  public var outcome: HypercareOutcome
  /// What was found.
  public var finding: String
  /// Who recorded it, as shown in histories.
  public var by: String
  /// When it was recorded.
  public var at: Timestamp
}

extension TemplateItem {
  /// The key of the item that is completed once every day of hypercare has been checked.
  public static let hypercareCheckKey: ItemKey = "hypercare-check"
}

extension LaunchChecklist {
  /// Whether the launch gets elevated support coverage: it is in tier 0, or somebody set a roster for it.
  public var hasHypercare: Bool { record.tier == .launchEvent || hypercare.roster != nil }

  /// The launch attempt that the days of hypercare belong to: the latest, unless it was rolled back and the launch now
  /// has a later date. Nil if hypercare has not begun.
  private func hypercareAttempt(in zone: ZoneRules) -> ExposureAttempt? {
    guard let attempt = latestAttempt, let end = attempt.rolledBackAt else { return latestAttempt }
    return zone.localDate(at: end) < record.plan.date ? nil : attempt
  }

  /// The first day of hypercare.
  private func hypercareStart(in zone: ZoneRules) -> LocalDate {
    hypercareAttempt(in: zone).map { zone.localDate(at: $0.startedAt) } ?? record.plan.date
  }

  /// Returns how its roster covers the days of hypercare; nil without a roster.
  public func hypercareCoverage(in zone: ZoneRules) -> HypercareCoverage? {
    hypercare.roster.map { HypercareCoverage(roster: $0, start: hypercareStart(in: zone), zone: zone) }
  }

  /// Returns the days of hypercare, each with its check. After a rollback, days without a check do not apply any more.
  func hypercareDays(at moment: LaunchMoment) -> [HypercareDay] {
    let (attempt, start) = (hypercareAttempt(in: moment.zone), hypercareStart(in: moment.zone))
    return (1...HypercareCoverage.days).map { day in
      let date = start.adding(days: day - 1)
      let check = hypercare.checks.last { $0.attempt == attempt?.attempt && $0.day == day }
      guard let check else { return HypercareDay(day: day, date: date, state: state(of: date, attempt, at: moment)) }
      return HypercareDay(
        day: day, date: date, state: check.outcome == .ok ? .ok : .problem, finding: check.finding, by: check.by,
        at: check.at)
    }
  }

  /// Returns the state of a day without a check.
  private func state(of date: LocalDate, _ attempt: ExposureAttempt?, at moment: LaunchMoment) -> HypercareDay.State {
    guard let attempt else { return .upcoming }
    if attempt.rolledBackAt != nil { return .notApplicable }
    return date > moment.today ? .upcoming : date == moment.today ? .due : .overdue
  }

  /// Returns hypercare with its gaps and days.
  public func hypercareView(at moment: LaunchMoment) -> HypercareView {
    let coverage = hypercareCoverage(in: moment.zone)
    return HypercareView(
      launch: launch, name: record.plan.name, timeZone: record.plan.timeZone,
      startsOn: hypercareStart(in: moment.zone), attempt: hypercareAttempt(in: moment.zone)?.attempt,
      rosterVersion: hypercare.rosterVersion, roster: hypercare.roster, setBy: hypercare.setBy, setAt: hypercare.setAt,
      gaps: coverage?.gaps() ?? [], onShift: coverage?.onShift(at: moment.now) ?? [],
      days: hypercareDays(at: moment))
  }

  /// Hypercare for the board; nil unless it is one of its days.
  public func hypercareSummary(at moment: LaunchMoment) -> HypercareSummary? {
    guard hasHypercare, let days = runningHypercareDays(at: moment),
      let today = days.first(where: { $0.date == moment.today })
    else { return nil }
    let coverage = hypercareCoverage(in: moment.zone)
    let onShift = coverage?.onShift(at: moment.now) ?? []
    return HypercareSummary(
      day: today.day, days: days.count, timeZone: record.plan.timeZone, onShift: onShift,
      uncovered: onShift.isEmpty && (coverage?.isWithinHours(moment.now) ?? true),
      gaps: coverage?.gaps().count ?? 0, overdue: days.filter { $0.state == .overdue }.map(\.day),
      problems: days.filter { $0.state == .problem }.map(\.day))
  }

  /// Returns the days of hypercare while customers have the launch; nil if they do not.
  private func runningHypercareDays(at moment: LaunchMoment) -> [HypercareDay]? {
    guard let latestAttempt, latestAttempt.rolledBackAt == nil else { return nil }
    return hypercareDays(at: moment)
  }

  /// Returns the reminders for the days' checks: one on the day, and one the day after if the check is missing. They
  /// stop one day after hypercare ends.
  func hypercareReminders(at moment: LaunchMoment) -> [[ItemReminder]] {
    guard hasHypercare, let days = runningHypercareDays(at: moment), let last = days.last?.date,
      moment.today <= last.adding(days: 1)
    else { return [] }
    return days.filter { $0.finding == nil }.map { day in
      let check = "the hypercare check of day \(day.day) (\(day.date)) of \(record.plan.name)"
      let item = ItemReference(key: TemplateItem.hypercareCheckKey, instance: "day-\(day.day)")
      let people = hypercare.roster?.people(on: day.date) ?? []
      return [
        ItemReminder(
          kind: .due, item: item, about: day.date, from: day.date, people: people, functions: [.support],
          text: "\(check) is due"),
        ItemReminder(
          kind: .overdue, item: item, about: day.date, from: day.date.adding(days: 1), people: people,
          functions: [.support], text: "\(check) is missing"),
      ]
    }
  }
}

extension LaunchChecklist {
  /// Returns faults for people whose shifts are not over and who are not on the company's roster.
  func departedShifts(on roster: Roster, at moment: LaunchMoment) -> [ReferenceFault] {
    let coming = (hypercare.roster?.shifts ?? []).filter { moment.zone.moment(of: $0.to) > moment.now }
    let left = Set(coming.map(\.person)).filter { roster.people[$0] == nil }.sorted()
    return left.map { person in
      ReferenceFault(
        code: .shiftLeft, launch: launch, person: person,
        detail: "\(person), who has hypercare shifts of \(launch) to come, is not on the roster; give the shifts to "
          + "others (gonogo hypercare roster \(launch) FILE)")
    }
  }
}

extension HypercareRoster {
  /// The people with a shift that starts on a day.
  fileprivate func people(on day: LocalDate) -> [PersonID] {
    Set(shifts.filter { $0.from.date == day }.map(\.person)).sorted()
  }
}

extension LaunchChecklist {
  /// Records the check of a day, by default of today.
  ///
  /// - Throws: if the launch is cancelled or has no hypercare, the actor is neither in Support nor on the roster of
  ///   shifts, no customer has the launch yet, the day is not a day of hypercare or is in the future, or the finding is
  ///   missing.
  public mutating func checkHypercare(
    _ request: CheckHypercare, by actor: Actor, at moment: LaunchMoment
  ) throws(Problem) -> HypercareCheck {
    if actor.entry == nil || hypercare.roster?.people.contains(actor.rightsHolder) != true {
      try Rights.require(actor, .memberOf(.support))
    }
    try requireNotCancelled()
    guard hasHypercare else {
      throw Problem.conflict(
        "no-hypercare",
        "tier \(record.tier.rawValue) has no hypercare; set a roster of shifts to have it (gonogo hypercare roster)")
    }
    guard let attempt = hypercareAttempt(in: moment.zone) else {
      throw Problem.conflict(
        "not-exposed-yet",
        "\(launch) has not been exposed to anybody yet; day 1 is the day it ships (gonogo launch ship)")
    }
    let start = moment.zone.localDate(at: attempt.startedAt)
    let day = request.day ?? moment.today.ordinal - start.ordinal + 1
    try requireCheckable(day, of: attempt, from: start, at: moment)
    guard let finding = request.finding.trimmedOrNil else {
      throw Problem.missing("finding", "a check needs its finding (--finding TEXT)")
    }
    let check = HypercareCheck(
      sequence: hypercare.checks.count + 1, attempt: attempt.attempt, day: day, date: start.adding(days: day - 1),
      outcome: request.outcome ?? .ok, finding: finding, by: actor.description, at: moment.now)
    hypercare.checks.append(check)
    return check
  }

  private func requireCheckable(
    _ day: Int, of attempt: ExposureAttempt, from start: LocalDate, at moment: LaunchMoment
  ) throws(Problem) {
    let last = HypercareCoverage.days
    guard (1...last).contains(day) else {
      let span = "\(start) to \(start.adding(days: last - 1))"
      throw Problem.unfit("day", "day \(day) is not one of the days 1 to \(last) of hypercare, \(span); give --day")
    }
    let date = start.adding(days: day - 1)
    guard date <= moment.today else {
      throw Problem.unfit("day", "day \(day) is \(date), which is in the future; today is \(moment.today)")
    }
    if let end = attempt.rolledBackAt, date > moment.zone.localDate(at: end) {
      throw Problem.conflict(
        "rolled-back", "day \(day) is \(date), after the rollback at \(end), which ended the days of hypercare")
    }
  }

  /// Completes the item for the checks once every day has one; returns nil if the checklist has no such open item.
  ///
  /// The item stays open if it lacks something else, and shows what.
  public mutating func completeHypercareChecks(at moment: LaunchMoment) -> ItemEvent? {
    let days = hypercareDays(at: moment)
    let problems = days.count { $0.state == .problem }
    guard days.allSatisfy({ $0.finding != nil }),
      let item = items.first(where: { $0.definition.key == TemplateItem.hypercareCheckKey })?.reference
    else { return nil }
    let finding = "all \(days.count) days were checked: \(days.count - problems) ok, \(problems) with a problem"
    let action = ItemAction(
      launch: launch, key: item.key, instance: item.instance, evidence: Evidence(kind: .text, value: finding))
    do {
      var event = try perform(.done, action, on: item, by: .service(.checklist), at: moment)
      // Without an actor, the history names whoever recorded the last check.
      event.actor = nil
      return event
    } catch {
      return nil
    }
  }
}
