public import LaunchModel

/// The business-day calendars of one launch, by function.
public struct LaunchCalendars: Sendable {
  private var own: [LaunchFunction: BusinessCalendar]
  /// Functions whose calendar the launch names and nobody knows for its date; Monday to Friday stands in for it.
  public private(set) var unknown: Set<LaunchFunction>

  /// Takes the calendars that a launch names from those that there are, by key.
  public init(of plan: LaunchPlan, from known: CalendarBook) {
    own = [:]
    unknown = []
    for function in LaunchFunction.allCases {
      guard let key = plan.calendars[function.rawValue] ?? plan.calendar else { continue }
      own[function] = known.calendar(key)
      if own[function]?.covers(plan.date) != true { unknown.insert(function) }
    }
  }

  /// A function's calendar: its own, else the launch's, else Monday to Friday without holidays.
  public func calendar(of function: LaunchFunction) -> BusinessCalendar { own[function] ?? .standard }
}
