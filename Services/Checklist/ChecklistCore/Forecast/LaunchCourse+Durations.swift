import LaunchModel

extension LaunchCourse {
  /// How long the launch's items took, and how long those that were never done had been open.
  ///
  /// Not counted are items that did not apply, those that were done before the launch had them, and those that waited to the end
  /// for others.
  public var durations: [RecordedDuration] {
    items.flatMap { item in
      ItemWork.Part.allCases.compactMap { duration(of: $0, item) }
    }
  }

  /// The last day on which work on an item that is not done counts: customers have the launch, or it was given up.
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

  /// When a part of an item's work began; nil if it did not.
  private func start(of part: ItemWork.Part, _ item: ItemCourse, _ open: ArraySlice<ItemCourse.Mark>) -> LocalDate? {
    switch part {
    case .whole: open.first.flatMap { workStart(of: item, openSince: $0.on) }
    case .review: open.run(of: .inReview)
    case .unblocking: open.run(of: .blocked)
    }
  }

  /// When work on an item that the launch has had since a day could start: nothing that it depends on was left to be done; nil if
  /// something still is.
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
  /// When the part of the work that is under way began; nil if nothing is left to be done.
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
  /// The day on which the last stay in a state began; nil if there was none.
  fileprivate func run(of state: ItemState) -> LocalDate? {
    guard let last = lastIndex(where: { $0.state == state }) else { return nil }
    let before = self[..<last].lastIndex { $0.state != state }
    return self[before.map { $0 + 1 } ?? startIndex].on
  }
}
