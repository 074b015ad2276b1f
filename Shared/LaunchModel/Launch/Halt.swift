/// A halt of the line: while it is in force, the gates of all launches are closed, except for exempt ones.
public struct Halt: Sendable, Hashable, Codable {
  /// The number of the halt, starting at 1.
  public var number: Int
  /// Why the line was halted, for example `payments are failing`.
  public var reason: String
  /// Who halted it: `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// When it was halted.
  public var at: Timestamp
  /// The launches exempted from it, in the order of exemption; revoked exemptions stay on record.
  public var exceptions: [Exception]
  /// Who lifted it, when and why; nil while it is in force.
  public var lifted: Entry?

  /// A launch exempted from a halt.
  public struct Exception: Sendable, Hashable, Codable {
    /// The exempted launch.
    public var launch: LaunchID
    /// Who exempted it, when and why.
    public var granted: Entry
    /// Who revoked the exemption, when and why; nil while it is in force.
    public var revoked: Entry?

    public init(launch: LaunchID, granted: Entry, revoked: Entry? = nil) {
      self.launch = launch
      self.granted = granted
      self.revoked = revoked
    }
  }

  /// Who changed a halt, when and why.
  public struct Entry: Sendable, Hashable, Codable {
    /// Why it was changed, for example `the fix itself`.
    public var reason: String
    /// Who changed it: `dana`, or `dana (claimed by uid:1000)`.
    public var by: String
    /// When it was changed.
    public var at: Timestamp

    public init(reason: String, by: String, at: Timestamp) {
      self.reason = reason
      self.by = by
      self.at = at
    }
  }

  public init(
    number: Int, reason: String, by: String, at: Timestamp, exceptions: [Exception] = [], lifted: Entry? = nil
  ) {
    self.number = number
    self.reason = reason
    self.by = by
    self.at = at
    self.exceptions = exceptions
    self.lifted = lifted
  }
}

extension Halt {
  /// Whether it is in force: it has not been lifted.
  public var isStanding: Bool { lifted == nil }

  /// The launches that are exempt now.
  public var exempt: [LaunchID] { exceptions.filter { $0.revoked == nil }.map(\.launch) }

  /// Whether it closes the launch's gate now.
  public func closes(_ launch: LaunchID) -> Bool { isStanding && !exempt.contains(launch) }

  /// Returns whether it was in force at a moment.
  public func stood(at moment: Timestamp) -> Bool { Self.holds(from: at, to: lifted?.at, at: moment) }

  /// Returns whether it closed the launch's gate at a moment.
  public func closed(_ launch: LaunchID, at moment: Timestamp) -> Bool {
    stood(at: moment)
      && !exceptions.contains { exception in
        exception.launch == launch && Self.holds(from: exception.granted.at, to: exception.revoked?.at, at: moment)
      }
  }

  private static func holds(from start: Timestamp, to end: Timestamp?, at moment: Timestamp) -> Bool {
    start <= moment && (end.map { moment < $0 } ?? true)
  }

  /// Who halted the line, since when and why: `halted by dana since 2027-03-02T14:00:00Z: payments are failing`.
  public var summary: String { "halted by \(by) since \(at): \(reason)" }
}
