/// The calendars that launches can name, by key; several keys joined by `+`, as `US+DE`, name the days worked in all of them.
public struct CalendarBook: Sendable {
  private var calendars: [String: CalendarDocument]

  public init(_ calendars: [String: CalendarDocument]) { self.calendars = calendars }

  /// The keys of all of them, ascending.
  public var keys: [String] { calendars.keys.sorted() }

  /// Puts a calendar in place of one of its key, or adds it.
  public mutating func adopt(_ calendar: CalendarDocument) { calendars[calendar.key] = calendar }

  /// One calendar by its own key; nil where there is none.
  public func document(_ key: String) -> CalendarDocument? { calendars[key] }

  /// The keys that an expression joins.
  public static func keys(of expression: String) -> [String] {
    expression.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
  }

  /// The calendar that an expression names; Monday to Friday for nil.
  ///
  /// - Returns: nil where one of its keys is unknown, or no day of the week is worked in all of them.
  public func calendar(_ expression: String?) -> BusinessCalendar? {
    guard let expression else { return .standard }
    if let single = calendars[expression] { return single.business }
    let named = Self.keys(of: expression).map { calendars[$0]?.business }
    guard named.allSatisfy({ $0 != nil }) else { return nil }
    return BusinessCalendar(intersecting: named.compactMap(\.self))
  }

  /// The holidays' names of an expression's calendars, by date; of a day that several name, the first one's.
  public func names(of expression: String) -> [LocalDate: String] {
    Self.keys(of: expression).reduce(into: [:]) { names, key in
      names.merge(calendars[key]?.holidays ?? [:]) { first, _ in first }
    }
  }

  /// What is wrong with an expression, and the mend; nil where it names a calendar.
  public func fault(of expression: String) -> String? {
    guard calendar(expression) == nil else { return nil }
    guard let unknown = Self.keys(of: expression).first(where: { calendars[$0] == nil }) else {
      return "no day of the week is worked in all of \(expression)"
    }
    let hint = Suggestion.text(for: unknown, among: keys)
    return
      "there is no calendar \"\(unknown)\"\(hint); there are \(keys.joined(separator: ", ")), and several joined by +"
  }

  /// Whether an expression names that key.
  public static func expression(_ expression: String?, names key: String) -> Bool {
    expression.map { keys(of: $0).contains(key) } ?? false
  }
}

extension LaunchPlan {
  /// Whether it, or one of its functions, works by a calendar of that key.
  public func names(calendar key: String) -> Bool {
    CalendarBook.expression(calendar, names: key)
      || calendars.values.contains { CalendarBook.expression($0, names: key) }
  }
}
