import LaunchModel

/// Where an item stands on a day: whether it is satisfied, and what its dates say of it.
public struct ItemStanding: Sendable, Hashable {
  /// From worst to best.
  public enum Level: Int, Sendable, Hashable, Codable, Comparable {
    /// Blocked, rejected, or no longer possible in time.
    case blocked
    /// Not done yet, or done and failing all the same.
    case outstanding
    /// Done, not applicable, or waived by a waiver that holds.
    case satisfied

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// How far it stands in the way of GO, if it is blocking.
  public var level: Level
  /// A stable word for what is wrong, as `item-not-done`; nil where satisfied.
  public var code: String?
  /// A sentence for a person; nil where satisfied.
  public var detail: String?
  /// What its dates say of it, as `overdue`; empty where nothing needs attention.
  public var flags: Set<ItemFlag>

  init(_ level: Level, _ code: String? = nil, _ detail: String? = nil, flags: Set<ItemFlag> = []) {
    self.level = level
    self.code = code
    self.detail = detail
    self.flags = flags
  }
}

/// What is derived from dates, and never stored.
public enum ItemFlag: String, Sendable, Hashable, CaseIterable, Codable {
  case overdue
  case dueSoon = "due-soon"
  case atRisk = "at-risk"
  /// Done, but its shelf life ends before the launch.
  case stale
  /// It cannot be done in time any more, or was held too late.
  case tooLate = "too-late"
}
