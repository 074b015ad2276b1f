public import JSON
public import LaunchModel

extension Announcements {
  /// By tiering: a calendar or a blackout is another; due dates and the days of reviews follow.
  public static let calendarChanged = EventType<CalendarChanged>("dev.gonogo.calendar.changed.v1")
}

/// A calendar or a blackout that changed: one of both.
public struct CalendarChanged: Codable, Sendable, Hashable {
  /// The adopted calendar's key; nil where it is a blackout.
  public var calendar: String?
  /// Counts the calendar's adoptions, from 1; nil where it is a blackout.
  public var calendarVersion: Int?
  /// The calendar whole, as its file has it; nil where it is a blackout.
  public var document: JSONValue?
  /// The blackout as it now stands; nil where it is a calendar.
  public var blackout: Blackout?
  /// Whether the blackout was taken back.
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

  /// What the audit and the events name instead of a launch.
  public static let subject = "calendar"
}
