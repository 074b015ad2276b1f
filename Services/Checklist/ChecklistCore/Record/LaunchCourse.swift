public import Contract
public import LaunchModel

/// The course of a past launch: how its items developed, the decisions, and the outcome. Item records and replays of
/// template changes are computed from it.
///
/// Its resolution is one local day: everything that happened on a day counts as simultaneous.
public struct LaunchCourse: Sendable {
  /// The launch as it is now.
  public var record: LaunchRecord
  /// The business calendars of its functions.
  public var calendars: LaunchCalendars
  /// The day on which the launch got its checklist.
  public var knownOn: LocalDate
  /// The day on which customers first had the launch; nil if they never did.
  public var shippedOn: LocalDate?
  /// The current day in the launch's zone.
  public var today: LocalDate
  /// Its items, including voided ones.
  public var items: [ItemCourse]
  /// Its decisions, oldest first.
  public var decisions: [DecisionMark]
  /// How the launch turned out; nil if that is not known.
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

  /// The facts of a decision that matter for item records.
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

  /// Returns the instances of an item that the launch had to the end.
  func courses(of key: ItemKey) -> [ItemCourse] {
    items.filter { $0.definition.key == key && $0.marks.last.map { $0.state != .voided } ?? false }
  }

  /// The day on which items had to be done: that of the first GO, or else of the first exposure, or else of the last
  /// decision.
  var decidedOn: LocalDate? {
    decisions.first { $0.kind == .go }?.on ?? shippedOn ?? decisions.last?.on
  }

  /// Returns the day by which an item has to be done: an item that is not done, and was due before that day, is
  /// overdue.
  func end(for item: TemplateItem) -> LocalDate {
    item.phase == .after ? today : shippedOn ?? decisions.last?.on ?? today
  }

  /// Returns the days on which an item stopped the launch, ascending: it was a reason for a NO-GO or hold, or made a GO
  /// stale. Before its due day, an item that is merely not done yet does not count.
  func stops(by key: ItemKey) -> [LocalDate] {
    decisions.flatMap { decision in
      let refused = decision.kind != .go && decision.reasons.contains { isObstacle($0, key, on: decision.on) }
      let stale = decision.staleReasons.contains { $0.item == key }
      return (refused ? [decision.on] : []) + (stale ? [decision.staleOn].compactMap(\.self) : [])
    }.sorted()
  }

  /// Whether a GO was given although the item was a reason against it.
  func isOverridden(_ key: ItemKey) -> Bool {
    decisions.contains { $0.kind == .go && $0.reasons.contains { $0.item == key } }
  }

  private func isObstacle(_ reason: ReadinessReason, _ key: ItemKey, on day: LocalDate) -> Bool {
    guard reason.item == key else { return false }
    guard reason.code == "item-not-done" else { return true }
    let course = items.first { $0.definition.key == key && $0.instance == reason.instance }
    return course?.mark(on: day).map { $0.due <= day } ?? true
  }

  /// Returns the business days from the day on which an item stopped the launch until all its instances were settled.
  /// An instance that was never settled counts until customers got the launch, or as 0 days if they never did.
  func delay(by courses: [ItemCourse], from day: LocalDate) -> Int {
    guard let function = courses.first?.definition.function else { return 0 }
    let ends = courses.map { $0.settledOn(from: day) ?? shippedOn ?? day }
    return max(0, calendars.calendar(of: function).businessDays(from: day, to: ends.max() ?? day))
  }
}

/// The course of one item of a launch: its states, each with the day on which it began.
public struct ItemCourse: Sendable, Hashable {
  /// The template item it was created from.
  public var definition: TemplateItem
  /// The locale, segment or deal stage it was expanded for; nil if it was not expanded.
  public var instance: String?
  /// Its states, oldest first; the first is the one in which the launch got the item.
  public var marks: [Mark]
  /// Whether it was rejected, or an event spoke against it.
  public var wasRefuted: Bool

  public init(definition: TemplateItem, instance: String? = nil, marks: [Mark], wasRefuted: Bool = false) {
    self.definition = definition
    self.instance = instance
    self.marks = marks
    self.wasRefuted = wasRefuted
  }

  /// A state that an item has from a day on.
  public struct Mark: Sendable, Hashable {
    /// The day on which it changed to this state.
    public var on: LocalDate
    /// The state after the change.
    public var state: ItemState
    /// The item's due day at that time.
    public var due: LocalDate
    /// The day on which the work was done; nil if it is not done.
    public var doneOn: LocalDate?

    public init(on: LocalDate, state: ItemState, due: LocalDate, doneOn: LocalDate? = nil) {
      self.on = on
      self.state = state
      self.due = due
      self.doneOn = doneOn
    }

    /// Whether no work remains.
    var isSettled: Bool { [.done, .waived, .notApplicable, .voided].contains(state) }

    /// Whether an item that was done before has to be done again.
    var isReopened: Bool { [.open, .inProgress, .inReview, .blocked].contains(state) }
  }

  /// Returns the last state of a day; nil before the launch had the item.
  func mark(on day: LocalDate) -> Mark? { marks.last { $0.on <= day } }

  /// The first time it was done.
  var completion: Mark? { marks.first { $0.state == .done } }

  /// Returns the first day from `day` on at the end of which no work remained; nil if there is none.
  func settledOn(from day: LocalDate) -> LocalDate? {
    if mark(on: day)?.isSettled ?? false { return day }
    return marks.first { $0.on > day && $0.isSettled }?.on
  }

  /// Whether the work was done after the due day, or was due but not done when the launch ended.
  ///
  /// - Parameter due: the due day to judge by; nil for the one that applied at the time.
  func isLate(by end: LocalDate, due: LocalDate? = nil) -> Bool {
    if let completion { return (completion.doneOn ?? completion.on) > (due ?? completion.due) }
    guard let last = mark(on: end), !last.isSettled else { return false }
    return (due ?? last.due) < end
  }

  /// Whether it was in a state at any time.
  func was(_ state: ItemState) -> Bool { marks.contains { $0.state == state } }

  /// The days on which it was reopened after being done.
  var reopenings: [LocalDate] {
    zip(marks, marks.dropFirst()).filter { $0.state == .done && $1.isReopened }.map { $0.1.on }
  }

  /// Returns the business days from the day on which work on it started, or else on which the launch got it, to its
  /// first completion; nil if it was never done.
  func leadTime(in calendar: BusinessCalendar) -> Int? {
    guard let completion, let first = marks.first else { return nil }
    let started = marks.first { [.inProgress, .inReview].contains($0.state) && $0.on <= completion.on }?.on ?? first.on
    return max(0, calendar.businessDays(from: started, to: completion.doneOn ?? completion.on))
  }

  /// Whether it is not satisfied at the end of a day, judged by another definition and due day: it is not settled, or
  /// it was done too late for a strict item, or so early that its shelf life ends before the launch.
  func isUnmet(on day: LocalDate, as item: TemplateItem, due: LocalDate, launch: LocalDate) -> Bool {
    guard let mark = mark(on: day), mark.isSettled else { return true }
    guard mark.state == .done, let doneOn = mark.doneOn else { return false }
    if item.strict, doneOn > due { return true }
    return item.shelfLifeDays.map { doneOn.adding(days: $0) < launch } ?? false
  }
}
