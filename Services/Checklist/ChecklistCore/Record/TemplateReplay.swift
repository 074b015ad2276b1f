public import Contract
public import LaunchModel

/// Replays template changes: what a changed item would have done on past launches.
///
/// If a launch had the item, its actual course is judged by the changed definition. If a launch did not have the item,
/// there is no course: the item then counts as stopping the launch if the launch got its checklist after the item's due
/// day, for as many business days as lie between the two.
extension TemplateExperience {
  /// Replays each item of a change of a template, in the order added, replaced, removed.
  ///
  /// - Parameter template: the version into which the change is to be merged; it contains the items that are replaced
  ///   or removed.
  public func replay(_ change: TemplateChange, of template: ChecklistTemplate) -> TemplateReplay {
    let added = change.add.map { replay(.added, nil, $0, key: $0.key) }
    let replaced = change.replace.map { replay(.replaced, template.item($0.key), $0, key: $0.key) }
    let removed = change.remove.map { replay(.removed, template.item($0), nil, key: $0) }
    return TemplateReplay(
      launches: launches.count, items: added + replaced + removed, tooFew: launches.count < Self.enough)
  }

  private func replay(
    _ change: ItemReplay.Change, _ before: TemplateItem?, _ after: TemplateItem?, key: ItemKey
  ) -> ItemReplay {
    var rows: [LaunchReplay] = []
    var (earlier, later) = (ItemReplay.Totals(), ItemReplay.Totals())
    for launch in launches {
      let (old, new) = (before.flatMap { launch.effect(of: $0) }, after.flatMap { launch.effect(of: $0) })
      guard old != nil || new != nil else { continue }
      earlier.add(old, outcome: launch.outcome)
      later.add(new, outcome: launch.outcome)
      rows.append(
        LaunchReplay(
          launch: launch.record.plan.launch, date: launch.record.plan.date, before: old, after: new,
          missed: launch.outcome?.missed))
    }
    let hasRecord = launches.contains { !$0.courses(of: key).isEmpty }
    var replay = ItemReplay(
      key: key, change: change, basis: hasRecord ? .record : .dates, before: before == nil ? nil : earlier,
      after: after == nil ? nil : later, text: "", launches: rows)
    replay.text = text(of: replay)
    return replay
  }

  private func text(of replay: ItemReplay) -> String {
    guard !launches.isEmpty else { return "No launch has been decided on or shipped yet: there is nothing to replay." }
    let start =
      launches.count == 1 ? "On your last launch this item" : "On your last \(launches.count) launches this item"
    let few = launches.count < Self.enough ? " That is too few launches to draw conclusions." : ""
    switch (replay.before, replay.after) {
    case (let before?, let after?):
      return "\(start) would have applied to \(after.launches) (now \(before.launches)), been late on \(after.late) "
        + "(now \(before.late)) and stopped \(after.stopped) (now \(before.stopped))\(after.followed); "
        + "it would have cost \(after.cost) (now \(before.cost)).\(few)"
    case (nil, let after?):
      return "\(start) would have applied to \(after.launches) and stopped \(after.stopped)\(after.followed); "
        + "it would have cost \(after.cost).\(few)"
    case (let before?, nil):
      return "\(start) applied to \(before.launches) and stopped \(before.stopped)\(before.followed); without it, "
        + "\(before.cost) would have been saved.\(few)"
    case (nil, nil): return ""
    }
  }
}

extension ItemReplay.Totals {
  fileprivate mutating func add(_ effect: LaunchReplay.Effect?, outcome: LaunchOutcome?) {
    guard let effect else { return }
    launches += 1
    days += effect.days
    if effect.late { late += 1 }
    guard effect.stops else { return }
    stopped += 1
    guard let outcome, !outcome.met.isEmpty || !outcome.missed.isEmpty else { return }
    stoppedMeasured += 1
    if outcome.missedAdoption { stoppedMissedAdoption += 1 }
  }

  /// The outcome of the stopped launches, as the end of a clause.
  fileprivate var followed: String {
    guard stopped > 0 else { return "" }
    let unknown = stopped - stoppedMeasured
    return ", of which \(stoppedMissedAdoption) missed adoption" + (unknown > 0 ? " (unknown for \(unknown))" : "")
  }

  fileprivate var cost: String { "\(days) business \(days == 1 ? "day" : "days")" }
}

extension LaunchCourse {
  /// Returns the effect of an item on the launch if it is defined like this; nil if the launch does not need it.
  fileprivate func effect(of item: TemplateItem) -> LaunchReplay.Effect? {
    guard item.applies(to: record) else { return nil }
    let due = item.dueDay(for: record.plan, in: calendars)
    let canStop = item.gate == .blocking && item.phase != .after
    let courses = courses(of: item.key)
    guard !courses.isEmpty else {
      let days = due < knownOn ? calendars.calendar(of: item.function).businessDays(from: due, to: knownOn) : 0
      let isLate = due < knownOn
      return LaunchReplay.Effect(due: due, late: isLate, stops: canStop && isLate, days: canStop ? days : 0)
    }
    let isSameRule = courses.allSatisfy { $0.definition.due == item.due }
    let isLate = courses.contains { $0.isLate(by: end(for: item), due: isSameRule ? nil : due) }
    let day = canStop ? stopDay(item, due: due, courses) : nil
    return LaunchReplay.Effect(
      due: due, late: isLate, stops: day != nil, days: day.map { delay(by: courses, from: $0) } ?? 0)
  }

  /// Returns the day from which a blocking item holds up the launch; nil if it does not. That is the first day on which
  /// it actually stopped the launch or, if its definition now differs in gate, strictness, shelf life or due rule, the
  /// day of the decision if it was not satisfied then.
  private func stopDay(_ item: TemplateItem, due: LocalDate, _ courses: [ItemCourse]) -> LocalDate? {
    let wasBlocking = courses.contains { $0.definition.gate == .blocking }
    if wasBlocking, let first = stops(by: item.key).first { return first }
    let isJudgedAfresh = courses.contains {
      $0.definition.gate != item.gate || $0.definition.strict != item.strict
        || $0.definition.shelfLifeDays != item.shelfLifeDays || item.strict && $0.definition.due != item.due
    }
    guard isJudgedAfresh, let decidedOn,
      courses.contains(where: { $0.isUnmet(on: decidedOn, as: item, due: due, launch: record.plan.date) })
    else { return nil }
    return decidedOn
  }
}
