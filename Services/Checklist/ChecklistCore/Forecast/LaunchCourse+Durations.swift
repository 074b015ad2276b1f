import LaunchModel

extension LaunchCourse {
  /// How long the launch's items took or, for items that were never done, how long they had been open.
  ///
  /// Left out are items that did not apply, that were done before the launch had them, or that waited for other items
  /// to the end.
  public var durations: [RecordedDuration] {
    items.flatMap { item in
      ItemWork.Part.allCases.compactMap { duration(of: $0, item) }
    }
  }

  /// The day up to which work on an unfinished item is counted: the day on which customers got the launch or, if it was
  /// cancelled, the day of the last decision; otherwise today.
  private var end: LocalDate {
    shippedOn ?? (record.status == .cancelled ? decisions.last?.on : nil) ?? today
  }

  private func duration(of part: ItemWork.Part, _ item: ItemCourse) -> RecordedDuration? {
    let settled = item.marks.firstIndex(where: \.isSettled)
    let last = settled.map { item.marks[$0] }
    guard last?.state != .notApplicable,
      let start = start(of: part, item, item.marks[..<(settled ?? item.marks.endIndex)])
    else { return nil }
    let ending = last.map { $0.doneOn ?? $0.on } ?? end
    guard start <= ending else { return nil }
    let definition = item.definition
    return RecordedDuration(
      ItemWork(definition.key, definition.function, part), launch: record.plan.launch,
      days: calendars.calendar(of: definition.function).businessDays(from: start, to: ending),
      isCensored: last?.state != .done)
  }

  /// Returns when a part of an item's work began; nil if it did not begin.
  private func start(of part: ItemWork.Part, _ item: ItemCourse, _ open: ArraySlice<ItemCourse.Mark>) -> LocalDate? {
    switch part {
    case .whole: open.first.flatMap { workStart(of: item, openSince: $0.on) }
    case .review: open.run(of: .inReview)
    case .unblocking: open.run(of: .blocked)
    }
  }

  /// Returns the day on which work on an item could start, for an item that the launch has had since `day`: the day on
  /// which everything that it depends on was settled. Nil if something is not settled.
  func workStart(of item: ItemCourse, openSince day: LocalDate) -> LocalDate? {
    var start = day
    for key in item.definition.dependencies {
      for predecessor in courses(of: key) {
        guard let settled = predecessor.settledOn(from: day) else { return nil }
        start = max(start, settled)
      }
    }
    return start
  }
}

extension ItemCourse {
  /// The part of the work in progress, and the day on which it began; nil if nothing remains to be done.
  var partUnderWay: (part: ItemWork.Part, since: LocalDate)? {
    guard let last = marks.last, !last.isSettled else { return nil }
    let open = marks[((marks.lastIndex { $0.isSettled }).map { $0 + 1 } ?? 0)...]
    switch last.state {
    case .inReview: return open.run(of: .inReview).map { (.review, $0) }
    case .blocked: return open.run(of: .blocked).map { (.unblocking, $0) }
    case .open, .inProgress, .done, .waived, .notApplicable, .voided: return open.first.map { (.whole, $0.on) }
    }
  }
}

extension ArraySlice<ItemCourse.Mark> {
  /// Returns the day on which the item last entered a state and stayed in it; nil if it was never in it.
  fileprivate func run(of state: ItemState) -> LocalDate? {
    guard let last = lastIndex(where: { $0.state == state }) else { return nil }
    let before = self[..<last].lastIndex { $0.state != state }
    return self[before.map { $0 + 1 } ?? startIndex].on
  }
}
