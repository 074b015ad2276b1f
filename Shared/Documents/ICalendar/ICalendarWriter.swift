public import LaunchModel

/// An all-day event to write.
public struct ICalendarEvent: Sendable, Hashable {
  /// The event's status, which calendar clients display.
  public enum Status: String, Sendable, Hashable {
    case tentative = "TENTATIVE"
    case confirmed = "CONFIRMED"
    case cancelled = "CANCELLED"
  }

  /// The identifier, constant across versions of the event, such as `smart-routing@gonogo`.
  public var uid: String
  /// The version number, from 0.
  public var sequence: Int
  /// The first day.
  public var first: LocalDate
  /// The last day, inclusive.
  public var last: LocalDate
  /// A one-line title, such as `Smart routing (tier 1)`.
  public var summary: String
  /// A longer description, which may have several lines; empty for none.
  public var description: String
  /// The categories, such as `Launch`.
  public var categories: [String]
  /// Whether the event is tentative, confirmed or cancelled.
  public var status: Status

  public init(
    uid: String, sequence: Int = 0, first: LocalDate, last: LocalDate, summary: String, description: String = "",
    categories: [String] = [], status: Status = .confirmed
  ) {
    self.uid = uid
    self.sequence = sequence
    self.first = first
    self.last = last
    self.summary = summary
    self.description = description
    self.categories = categories
    self.status = status
  }
}

/// Writes an iCalendar stream (RFC 5545) that calendar clients can import or subscribe to.
public struct ICalendarWriter: Sendable {
  /// The calendar's display name.
  public var name: String
  /// The time of writing, for DTSTAMP.
  public var now: Timestamp

  public init(name: String, now: Timestamp) {
    self.name = name
    self.now = now
  }

  /// Returns the whole stream. Lines end with CRLF and have at most 75 octets.
  public func text(of events: [ICalendarEvent]) -> String {
    let head = [
      "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//gonogo//gonogo//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
      "X-WR-CALNAME:\(Self.escaped(name))",
    ]
    return (head + events.flatMap(lines) + ["END:VCALENDAR"]).map { Self.folded($0) + "\r\n" }.joined()
  }

  private func lines(of event: ICalendarEvent) -> [String] {
    let stamp = now.description.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    var lines = [
      "BEGIN:VEVENT", "UID:\(Self.escaped(event.uid))", "DTSTAMP:\(stamp)", "SEQUENCE:\(event.sequence)",
      "DTSTART;VALUE=DATE:\(Self.date(event.first))", "DTEND;VALUE=DATE:\(Self.date(event.last.adding(days: 1)))",
      "SUMMARY:\(Self.escaped(event.summary))",
    ]
    if !event.description.isEmpty { lines.append("DESCRIPTION:\(Self.escaped(event.description))") }
    if !event.categories.isEmpty {
      lines.append("CATEGORIES:\(event.categories.map(Self.escaped).joined(separator: ","))")
    }
    return lines + ["STATUS:\(event.status.rawValue)", "TRANSP:TRANSPARENT", "END:VEVENT"]
  }

  private static func date(_ date: LocalDate) -> String { date.description.filter { $0 != "-" } }

  /// Escapes text (section 3.3.11). Removes control characters, which are not allowed in text.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case ";": result += "\\;"
      case ",": result += "\\,"
      case "\n": result += "\\n"
      case "\t": result.unicodeScalars.append(" ")
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Folds a line (section 3.1): inserts a line break and a space after at most 75 octets, never within a character.
  private static func folded(_ line: String) -> String {
    guard line.utf8.count > 75 else { return line }
    var (result, length) = ("", 0)
    for scalar in line.unicodeScalars {
      let size = String(scalar).utf8.count
      if length + size > 75 {
        result += "\r\n "
        length = 1
      }
      result.unicodeScalars.append(scalar)
      length += size
    }
    return result
  }
}
