public import Contract
public import LaunchModel

/// What past launches show about the template's items: each item's record, and the changes that the record suggests.
///
/// All counts are numbers of launches. With fewer than `enough` launches, nothing is suggested. Rules about frequencies
/// require that four launches in five went well, like the 80% lead time: with five launches, one exception is allowed
/// and two are not.
public struct TemplateExperience: Sendable {
  /// The minimum number of launches for which records allow suggestions.
  public static let enough = 5
  /// A reopening counts as late if it happens at most this many business days before the launch date.
  public static let lateDays = 5
  /// A due offset is shortened only if it is this many business days longer than needed, and at least twice as long.
  static let spareDays = 5
  /// The square of the 97.5% quantile of the normal distribution, for the Wilson interval.
  private static let squaredQuantile = 3.841_458_8

  /// The launches, latest first.
  public let launches: [LaunchCourse]

  public init(_ launches: [LaunchCourse]) {
    self.launches = launches.sorted {
      ($1.record.plan.date, $0.record.plan.launch.rawValue) < ($0.record.plan.date, $1.record.plan.launch.rawValue)
    }
  }

  /// The launches in the form shown to users.
  public var views: [PastLaunch] {
    launches.map {
      PastLaunch(
        launch: $0.record.plan.launch, tier: $0.record.tier, date: $0.record.plan.date, shippedOn: $0.shippedOn,
        outcome: $0.outcome)
    }
  }

  /// Returns the record of each of a template's items in its order, then of items that only launches have, by key.
  public func records(for template: ChecklistTemplate) -> [ItemRecord] {
    let current = template.items.map(\.key)
    let former = Set(launches.flatMap { $0.items.map(\.definition.key) }).subtracting(current).sorted()
    return current.map { experience(of: $0, isCurrent: true).record }
      + former.map { experience(of: $0, isCurrent: false).record }.filter { $0.launches > 0 }
  }

  /// - Parameter present: the item as it is in the template, to leave out launches that had it with another due rule or
  ///   gate; nil to count all.
  private func experience(of key: ItemKey, isCurrent: Bool, present: TemplateItem? = nil) -> ItemExperience {
    var experience = ItemExperience(key: key, isCurrent: isCurrent)
    for launch in launches {
      let courses = launch.courses(of: key)
      guard let first = courses.first?.definition else { continue }
      if let present, first.due != present.due || first.gate != present.gate { continue }
      experience.add(courses, of: launch)
    }
    return experience
  }

  /// Returns the upper end of the 95% Wilson interval of a share that was observed on none of n launches.
  static func atMost(noneOf n: Int) -> Double { squaredQuantile / (Double(n) + squaredQuantile) }
}

extension TemplateExperience {
  /// Returns the changes of a template that its items' records suggest.
  ///
  /// A change that would make the template invalid, such as removing what another item depends on, is left out.
  public func suggestions(for template: ChecklistTemplate) -> TemplateSuggestions {
    var tooFew: [ItemKey] = []
    let suggestions = template.items.compactMap { item -> TemplateSuggestion? in
      let experience = experience(of: item.key, isCurrent: true, present: item)
      guard experience.record.launches >= Self.enough else {
        tooFew.append(item.key)
        return nil
      }
      return [
        neverHelped(item, experience, template), doneTooEarly(item, experience, template),
        dueTooLate(item, experience, template), dueTooEarly(item, experience, template),
      ].compactMap(\.self).first { isValid($0.change, on: template) }
    }
    return TemplateSuggestions(
      launches: launches.count, templateVersion: template.version, suggestions: suggestions, tooFew: tooFew)
  }

  /// Suggests making an item advisory, or removing it if it is advisory already, if it never stopped a launch and never
  /// showed a problem.
  private func neverHelped(
    _ item: TemplateItem, _ experience: ItemExperience, _ template: ChecklistTemplate
  ) -> TemplateSuggestion? {
    let record = experience.record
    let signs = record.stopped + record.overridden + record.failed + record.late + record.reopened
    guard item.phase != .after, signs == 0 else { return nil }
    let isBlocking = item.gate == .blocking
    let atMost = Self.atMost(noneOf: record.launches)
    let percent = Int((atMost * 100).rounded(.up))
    var lowered = item
    lowered.gate = .advisory
    let text =
      "\(item.title) (\(item.key)) stopped none of \(record.launches) launches and was never late, rejected, blocked or "
      + "reopened: it can be \(isBlocking ? "advisory" : "removed"). It may still matter on up to \(percent)% of launches"
    return TemplateSuggestion(
      key: item.key, kind: .neverHelped, n: record.launches, count: 0, atMost: atMost, text: text,
      change: isBlocking
        ? TemplateChange(baseVersion: template.version, replace: [lowered])
        : TemplateChange(baseVersion: template.version, remove: [item.key]))
  }

  /// Suggests a later due day for an item that is reopened shortly before more than one launch in five: late enough
  /// that four in five of the reopenings would have happened before the item was due.
  private func doneTooEarly(
    _ item: TemplateItem, _ experience: ItemExperience, _ template: ChecklistTemplate
  ) -> TemplateSuggestion? {
    let record = experience.record
    guard record.reopenedLate * Self.enough > record.launches,
      let days = Quantile.low(experience.lateReopenings), let later = item.dueRule(before: max(1, days)),
      later.leadDays < item.due.leadDays
    else { return nil }
    return suggestion(
      .doneTooEarly, item, due: later, record, count: record.reopenedLate, template,
      "\(item.title) (\(item.key)), due \(item.due), was done and reopened within \(Self.lateDays) business days before "
        + "\(record.reopenedLate) of \(record.launches) launches: it is done too early, and can be due \(later)")
  }

  /// Suggests an earlier due day for an item that is late on more than one launch in five and takes longer than its due
  /// rule allows. Launches are then planned with that much time.
  private func dueTooLate(
    _ item: TemplateItem, _ experience: ItemExperience, _ template: ChecklistTemplate
  ) -> TemplateSuggestion? {
    let record = experience.record
    guard record.late * Self.enough > record.launches, let lead = record.leadTime, lead.n >= Self.enough,
      let earlier = item.dueRule(before: lead.high), earlier.leadDays > item.due.leadDays
    else { return nil }
    return suggestion(
      .dueTooLate, item, due: earlier, record, count: record.late, template,
      "\(item.title) (\(item.key)) was late on \(record.late) of \(record.launches) launches: it is due \(item.due), "
        + "but takes up to \(lead.high) business days on four launches of five; make it due \(earlier)")
  }

  /// Suggests a later due day for an item that was never late and takes at most half the time that its due rule allows.
  private func dueTooEarly(
    _ item: TemplateItem, _ experience: ItemExperience, _ template: ChecklistTemplate
  ) -> TemplateSuggestion? {
    let record = experience.record
    guard record.late == 0, let lead = record.leadTime, lead.n >= Self.enough,
      let later = item.dueRule(before: max(1, lead.high)), later.leadDays * 2 <= item.due.leadDays,
      item.due.leadDays - later.leadDays >= Double(Self.spareDays)
    else { return nil }
    return suggestion(
      .dueTooEarly, item, due: later, record, count: 0, template,
      "\(item.title) (\(item.key)) is due \(item.due), was late on none of \(record.launches) launches and takes at "
        + "most \(lead.high) business days on four of five: it can be due \(later)")
  }

  private func suggestion(
    _ kind: TemplateSuggestion.Kind, _ item: TemplateItem, due: DueRule, _ record: ItemRecord, count: Int,
    _ template: ChecklistTemplate, _ text: String
  ) -> TemplateSuggestion {
    var moved = item
    moved.due = due
    return TemplateSuggestion(
      key: item.key, kind: kind, n: record.launches, count: count, text: text,
      change: TemplateChange(baseVersion: template.version, replace: [moved]))
  }

  private func isValid(_ change: TemplateChange, on template: ChecklistTemplate) -> Bool {
    do throws(Problem) {
      _ = try ChecklistTemplate(reading: try template.merging(change, from: template).document)
      return true
    } catch {
      return false
    }
  }
}

extension TemplateItem {
  /// Returns a rule that is due a number of business days before the launch, in the same unit as the item's own rule;
  /// nil if the item is not due before the launch, or is due on a day given in launch files.
  fileprivate func dueRule(before days: Int) -> DueRule? {
    guard phase == .before, !followsMeeting, due.offset <= 0 else { return nil }
    switch due.unit {
    case .business: return DueRule(offset: -days, unit: .business)
    case .calendar: return DueRule(offset: -Int((Double(days) * 7 / 5).rounded(.up)), unit: .calendar)
    }
  }
}

extension DueRule {
  /// The business days before the launch in weeks without holidays, for comparing rules in different units.
  fileprivate var leadDays: Double { unit == .business ? Double(-offset) : Double(-offset) * 5 / 7 }
}

/// An item's record under construction, with the values that its quantiles are computed from.
private struct ItemExperience {
  private(set) var record: ItemRecord
  /// The longest lead time among the item's instances, one per launch that completed it.
  private var leadTimes: [Int] = []
  /// For each launch shortly before which the item was reopened, the number of business days between the two; the
  /// smallest if there are several.
  private(set) var lateReopenings: [Int] = []
  private var tickets: [Int] = []

  init(key: ItemKey, isCurrent: Bool) { record = ItemRecord(key: key, isCurrent: isCurrent) }

  /// Adds a launch with its instances of the item, at least one.
  mutating func add(_ courses: [ItemCourse], of launch: LaunchCourse) {
    guard let item = courses.first?.definition else { return }
    let calendar = launch.calendars.calendar(of: item.function)
    let isLate = courses.contains { $0.isLate(by: launch.end(for: $0.definition)) }
    let isWaived = courses.contains { $0.was(.waived) }
    let isOverridden = launch.isOverridden(item.key)
    let reopenings = courses.flatMap(\.reopenings)
    record.launches += 1
    record.instances += courses.count
    if isLate { record.late += 1 }
    if isWaived { record.waived += 1 }
    if isOverridden { record.overridden += 1 }
    if courses.contains(where: { $0.was(.notApplicable) }) { record.notApplicable += 1 }
    if courses.contains(where: { $0.wasRefuted || $0.was(.blocked) }) { record.failed += 1 }
    if !launch.stops(by: item.key).isEmpty { record.stopped += 1 }
    if !reopenings.isEmpty { record.reopened += 1 }
    let date = launch.record.plan.date
    let late = reopenings.map { calendar.businessDays(from: $0, to: date) }
      .filter { (0...TemplateExperience.lateDays).contains($0) }
    if let last = late.min() { lateReopenings.append(last) }
    if let lead = courses.compactMap({ $0.leadTime(in: calendar) }).max() { leadTimes.append(lead) }
    follow(launch.outcome, isTroubled: isLate || isWaived || isOverridden)
    finish()
  }

  private mutating func follow(_ outcome: LaunchOutcome?, isTroubled: Bool) {
    guard let outcome else { return }
    if let count = outcome.tickets { tickets.append(count) }
    guard !outcome.met.isEmpty || !outcome.missed.isEmpty else { return }
    let hasMissed = !outcome.missed.isEmpty
    record.followed.measured += 1
    if hasMissed { record.followed.missed += 1 }
    if isTroubled { record.followed.troubled += 1 }
    if isTroubled, hasMissed { record.followed.troubledMissed += 1 }
  }

  private mutating func finish() {
    record.tooFew = record.launches < TemplateExperience.enough
    record.reopenedLate = lateReopenings.count
    record.followed.tickets = Quantile.median(tickets)
    if let median = Quantile.median(leadTimes), let high = Quantile.high(leadTimes) {
      record.leadTime = ItemRecord.LeadTime(n: leadTimes.count, median: median, high: high)
    }
  }
}

/// Quantiles of a small set of whole numbers; nil if it is empty.
private enum Quantile {
  static func median(_ values: [Int]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    return Double(sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// The 80% quantile by nearest rank: the value at rank ⌈4n/5⌉.
  static func high(_ values: [Int]) -> Int? {
    values.isEmpty ? nil : values.sorted()[(4 * values.count + 4) / 5 - 1]
  }

  /// The 20% quantile by nearest rank: the value at rank ⌈n/5⌉.
  static func low(_ values: [Int]) -> Int? { values.isEmpty ? nil : values.sorted()[(values.count + 4) / 5 - 1] }
}
