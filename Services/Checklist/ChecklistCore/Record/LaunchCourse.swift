public import Contract
public import LaunchModel

/// How a past launch went: the course of its items, the decisions, and what followed. Items' records and replays of template
/// changes follow from it.
///
/// Its resolution is the local day: what happened on one day happened at the same time.
public struct LaunchCourse: Sendable {
  /// The launch as it is now.
  public var record: LaunchRecord
  /// The business calendars of its functions.
  public var calendars: LaunchCalendars
  /// The day on which it got its checklist.
  public var knownOn: LocalDate
  /// The day on which customers first had it; nil if they never did.
  public var shippedOn: LocalDate?
  /// The present day in the launch's zone.
  public var today: LocalDate
  /// Its items, including voided ones.
  public var items: [ItemCourse]
  /// Its decisions, oldest first.
  public var decisions: [DecisionMark]
  /// How it turned out; nil if that is not known.
  public var outcome: LaunchOutcome?

  public init(
    record: LaunchRecord, calendars: LaunchCalendars, knownOn: LocalDate, shippedOn: LocalDate?, today: LocalDate,
    items: [ItemCourse], decisions: [DecisionMark] = [], outcome: LaunchOutcome? = nil
  ) {
    self.record = record
    self.calendars = calendars
    self.knownOn = knownOn
    self.shippedOn = shippedOn
    self.today = today
    self.items = items
    self.decisions = decisions
    self.outcome = outcome
  }

  /// What a decision says about items.
  public struct DecisionMark: Sendable, Hashable {
    /// GO, NO-GO or hold.
    public var kind: DecisionKind
    /// The day it was made.
    public var on: LocalDate
    /// The reasons against GO at that moment.
    public var reasons: [ReadinessReason]
    /// The day on which it went stale; nil if it did not.
    public var staleOn: LocalDate?
    /// Why it went stale.
    public var staleReasons: [ReadinessReason]

    public init(
      kind: DecisionKind, on: LocalDate, reasons: [ReadinessReason] = [], staleOn: LocalDate? = nil,
      staleReasons: [ReadinessReason] = []
    ) {
      self.kind = kind
      self.on = on
      self.reasons = reasons
      self.staleOn = staleOn
      self.staleReasons = staleReasons
    }
  }

  /// The instances of an item that the launch had to the end.
  func courses(of key: ItemKey) -> [ItemCourse] {
    items.filter { $0.definition.key == key && $0.marks.last.map { $0.state != .voided } ?? false }
  }

  /// The day of the first GO, else of the first exposure, else of the last decision: when items had to be done.
  var decidedOn: LocalDate? {
    decisions.first { $0.kind == .go }?.on ?? shippedOn ?? decisions.last?.on
  }

  /// The day on which an item that is not done counts as overdue, if its due day is before it.
  func end(for item: TemplateItem) -> LocalDate {
    item.phase == .after ? today : shippedOn ?? decisions.last?.on ?? today
  }

  /// The days on which an item stopped the launch, ascending: it was a reason of a NO-GO or hold, or a GO went stale because of
  /// it. That an item is not done yet is no obstacle before its due day.
  func stops(by key: ItemKey) -> [LocalDate] {
    decisions.flatMap { decision in
      let refused = decision.kind != .go && decision.reasons.contains { isObstacle($0, key, on: decision.on) }
      let stale = decision.staleReasons.contains { $0.item == key }
      return (refused ? [decision.on] : []) + (stale ? [decision.staleOn].compactMap(\.self) : [])
    }.sorted()
  }

  /// Whether a GO was given against the recommendation while the item was a reason.
  func isOverridden(_ key: ItemKey) -> Bool {
    decisions.contains { $0.kind == .go && $0.reasons.contains { $0.item == key } }
  }

  private func isObstacle(_ reason: ReadinessReason, _ key: ItemKey, on day: LocalDate) -> Bool {
    guard reason.item == key else { return false }
    guard reason.code == "item-not-done" else { return true }
    let course = items.first { $0.definition.key == key && $0.instance == reason.instance }
    return course?.mark(on: day).map { $0.due <= day } ?? true
  }

  /// The business days from a day on which an item stopped the launch until all its instances were settled. An item that
  /// never was counts until customers had the launch nevertheless; if they never had, there is no end to count to, and it is 0.
  func delay(by courses: [ItemCourse], from day: LocalDate) -> Int {
    guard let function = courses.first?.definition.function else { return 0 }
    let ends = courses.map { $0.settledOn(from: day) ?? shippedOn ?? day }
    return max(0, calendars.calendar(of: function).businessDays(from: day, to: ends.max() ?? day))
  }
}

/// What became of one item of a launch: its states, each with the day from which it was in it.
public struct ItemCourse: Sendable, Hashable {
  /// The template item it was created from.
  public var definition: TemplateItem
  /// The locale, segment or deal stage it was expanded for; nil if it was not expanded.
  public var instance: String?
  /// Its states, oldest first; the first is that in which the launch got it.
  public var marks: [Mark]
  /// Whether it was rejected, or an event spoke against it.
  public var wasRefuted: Bool

  public init(definition: TemplateItem, instance: String? = nil, marks: [Mark], wasRefuted: Bool = false) {
    self.definition = definition
    self.instance = instance
    self.marks = marks
    self.wasRefuted = wasRefuted
  }

  /// The state of an item from a day on.
  public struct Mark: Sendable, Hashable {
    /// The day of the change.
    public var on: LocalDate
    /// The state after it.
    public var state: ItemState
    /// The day it was due then.
    public var due: LocalDate
    /// The day on which the work happened; nil if it is not done.
    public var doneOn: LocalDate?

    public init(on: LocalDate, state: ItemState, due: LocalDate, doneOn: LocalDate? = nil) {
      self.on = on
      self.state = state
      self.due = due
      self.doneOn = doneOn
    }

    /// Whether nothing remains to be done.
    var isSettled: Bool { [.done, .waived, .notApplicable, .voided].contains(state) }

    /// Whether it was done before and has to be done again.
    var isReopened: Bool { [.open, .inProgress, .inReview, .blocked].contains(state) }
  }

  /// The last state of a day; nil before the launch had the item.
  func mark(on day: LocalDate) -> Mark? { marks.last { $0.on <= day } }

  /// Its first completion.
  var completion: Mark? { marks.first { $0.state == .done } }

  /// The first day from `day` on at whose end nothing remained to be done; nil if there is none.
  func settledOn(from day: LocalDate) -> LocalDate? {
    if mark(on: day)?.isSettled ?? false { return day }
    return marks.first { $0.on > day && $0.isSettled }?.on
  }

  /// Whether the work happened after the due day, or was not done at the end of a launch although it was due.
  ///
  /// - Parameter due: the due day to judge by; nil for the one in force then.
  func isLate(by end: LocalDate, due: LocalDate? = nil) -> Bool {
    if let completion { return (completion.doneOn ?? completion.on) > (due ?? completion.due) }
    guard let last = mark(on: end), !last.isSettled else { return false }
    return (due ?? last.due) < end
  }

  /// Whether it was ever in a state.
  func was(_ state: ItemState) -> Bool { marks.contains { $0.state == state } }

  /// The days on which it was reopened after it was done.
  var reopenings: [LocalDate] {
    zip(marks, marks.dropFirst()).filter { $0.state == .done && $1.isReopened }.map { $0.1.on }
  }

  /// The business days from when work on it started, or else from when the launch got it, to its first completion; nil if it was
  /// never done.
  func leadTime(in calendar: BusinessCalendar) -> Int? {
    guard let completion, let first = marks.first else { return nil }
    let started = marks.first { [.inProgress, .inReview].contains($0.state) && $0.on <= completion.on }?.on ?? first.on
    return max(0, calendar.businessDays(from: started, to: completion.doneOn ?? completion.on))
  }

  /// Whether it is not satisfied at the end of a day, judged by another definition and its due day: it is not settled, or it was
  /// done too late for a strict item, or so early that its shelf life ends before the launch.
  func isUnmet(on day: LocalDate, as item: TemplateItem, due: LocalDate, launch: LocalDate) -> Bool {
    guard let mark = mark(on: day), mark.isSettled else { return true }
    guard mark.state == .done, let doneOn = mark.doneOn else { return false }
    if item.strict, doneOn > due { return true }
    return item.shelfLifeDays.map { doneOn.adding(days: $0) < launch } ?? false
  }
}
