import Contract
import LaunchModel

extension HypercareView: Displayable {
  func display(on page: inout Page) {
    page.heading("Hypercare of \(name) (\(launch)), \(days.count) days from \(startsOn)")
    page.fields([
      "Roster": rosterText,
      "Hours": roster.map { Text("\($0.hours.from) to \($0.hours.to), \(timeZone)") },
      "First response": roster.map { Text("within \($0.responseMinutes) min") },
      "On shift now": roster.map { _ in onShift.isEmpty ? Text("nobody") : Text(onShift.text) },
    ])
    page.blank()
    page.table(dayTable)
    if !outside.isEmpty { page.bullets([Text("\(counted(outside.count, "shift")) outside these days", .warning)]) }
    page.section("Nobody is on shift", gaps.map { Text($0.text, .bad) })
  }

  private var rosterText: Text {
    guard let roster, let setBy, let setAt else {
      return Text("none; set it with gonogo hypercare roster \(launch) FILE", .warning)
    }
    return Text("version \(rosterVersion), \(counted(roster.shifts.count, "shift")), by \(setBy), \(setAt.short)")
  }

  private var dayTable: Table {
    var table = Table(columns: [
      .right("day"), .left("date"), .flexible("on shift"), .left("check"), .left("by"), .flexible("finding"),
    ])
    table.rows = days.map { day in
      let shifts = (roster?.shifts ?? []).filter { $0.from.date == day.date }
      return [
        Text(day.day), Text(day.date), Text(shifts.map(\.text).joined(separator: ", ")), day.state.label,
        Text(day.by ?? ""), Text(day.finding ?? ""),
      ]
    }
    return table
  }

  /// The shifts that lie entirely before or after the days of hypercare, for example because the launch was moved.
  private var outside: [HypercareShift] {
    guard let roster, let first = days.first?.date, let last = days.last?.date else { return [] }
    let (start, end) = (LocalDateTime(first, .startOfDay), LocalDateTime(last, .endOfDay))
    return roster.shifts.filter { $0.to <= start || $0.from >= end }
  }
}

extension HypercareShift {
  /// The person and the hours, such as `sam 08:00-16:00`.
  fileprivate var text: String { "\(person) \(from.time)-\(to.time)" }
}

extension HypercareGap {
  fileprivate var text: String { "\(from.short) to \(to.short) (\(duration))" }

  private var duration: String {
    let parts = [minutes / 60 > 0 ? "\(minutes / 60) h" : nil, minutes % 60 > 0 ? "\(minutes % 60) min" : nil]
    return parts.compactMap(\.self).joined(separator: " ")
  }
}

extension HypercareDay.State {
  fileprivate var label: Text {
    switch self {
    case .upcoming, .notApplicable: Text(rawValue, .faint)
    case .due: Text(rawValue, .warning)
    case .ok: Text(rawValue, .good)
    case .overdue, .problem: Text(rawValue, .bad)
    }
  }
}

extension [HypercareOnShift] {
  /// Everybody on shift, each with the end of the shift, and the response target.
  fileprivate var text: String {
    map { "\($0.person) until \($0.until.short) (response within \($0.responseMinutes) min)" }.joined(separator: ", ")
  }
}

extension HypercareSummary {
  /// One line with the day, who is on shift, and what needs attention.
  var line: Text {
    var parts = ["day \(day) of \(days)"]
    if !onShift.isEmpty {
      parts.append("on shift: \(onShift.text)")
    } else {
      parts.append(uncovered ? "nobody is on shift" : "outside the hours of coverage")
    }
    if gaps > 0 { parts.append("\(counted(gaps, "gap")) in the roster") }
    if !overdue.isEmpty { parts.append("checks overdue: \(Self.list(overdue))") }
    if !problems.isEmpty { parts.append("problems: \(Self.list(problems))") }
    let needsAttention = uncovered || gaps > 0 || !overdue.isEmpty || !problems.isEmpty
    return Text(parts.joined(separator: "; "), needsAttention ? .warning : .plain)
  }

  private static func list(_ days: [Int]) -> String { days.map { "day \($0)" }.joined(separator: ", ") }
}

extension LocalDateTime {
  /// The date and time of day: `2027-03-02 08:00`.
  fileprivate var short: String { "\(date) \(time)" }
}
