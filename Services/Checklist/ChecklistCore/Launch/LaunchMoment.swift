public import LaunchModel

/// A moment as one launch sees it.
public struct LaunchMoment: Sendable {
  /// The service's time.
  public var now: Timestamp
  /// The local day in the launch's zone.
  public var today: LocalDate
  /// The rules of the launch's zone.
  public var zone: ZoneRules
  /// The business calendars of the launch and of its functions.
  public var calendars: LaunchCalendars
  /// Nil before a roster was adopted.
  public var roster: Roster?

  public init(now: Timestamp, zone: ZoneRules, calendars: LaunchCalendars, roster: Roster?) {
    self.now = now
    self.zone = zone
    self.calendars = calendars
    self.roster = roster
    today = zone.localDate(at: now)
  }

  /// Groups whose approvals count only from proven identities.
  public var provenOnly: Set<String> { Set(roster?.provenOnly ?? []) }
}
