public import JSON
public import LaunchModel

extension Announcements {
  /// Sent by tiering when a calendar or a blackout changes; due dates and review days are recomputed.
  public static let calendarChanged = EventType<CalendarChanged>("dev.gonogo.calendar.changed.v1")
}

/// A change of either a calendar or a blackout.
public struct CalendarChanged: Codable, Sendable, Hashable {
  /// The adopted calendar's key; nil for a blackout.
  public var calendar: String?
  /// The number of times this calendar has been adopted, starting at 1; nil for a blackout.
  public var calendarVersion: Int?
  /// The whole calendar, as written in its file; nil for a blackout.
  public var document: JSONValue?
  /// The blackout in its current state; nil for a calendar.
  public var blackout: Blackout?
  /// Whether the blackout was removed.
  public var removed: Bool

  public init(calendar: String, version: Int, document: JSONValue) {
    self.calendar = calendar
    calendarVersion = version
    self.document = document
    removed = false
  }

  public init(blackout: Blackout, isRemoved: Bool) {
    self.blackout = blackout
    removed = isRemoved
  }

  /// The subject used in audit entries and events in place of a launch's id.
  public static let subject = "calendar"
}
