/// A span of days on which nothing is to launch, as a change freeze; with its exceptions on record.
public struct Blackout: Sendable, Hashable, Codable {
  /// Its id, written as a launch's, as `year-end`.
  public var key: LaunchID
  /// The first day.
  public var from: LocalDate
  /// The last day, itself in the blackout; not before the first.
  public var to: LocalDate
  /// The tiers it holds for; by default all.
  public var tiers: [Tier]
  /// Why nothing is to launch then.
  public var reason: String
  /// Who set it last, as `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// When it was set last.
  public var at: Timestamp
  /// The launches that may launch then all the same.
  public var exceptions: [Exception]
  /// Counts its changes, from 1; `_meta.expectedVersion` refers to it, and is 0 for one that there is not.
  public var version: Int

  /// A launch that a blackout does not stop.
  public struct Exception: Sendable, Hashable, Codable {
    /// The launch that may.
    public var launch: LaunchID
    /// Who said so, when and why.
    public var accepted: Acceptance

    public init(launch: LaunchID, accepted: Acceptance) {
      self.launch = launch
      self.accepted = accepted
    }
  }

  public init(
    key: LaunchID, from: LocalDate, to: LocalDate, tiers: [Tier] = Tier.allCases, reason: String, by: String,
    at: Timestamp, exceptions: [Exception] = [], version: Int = 1
  ) {
    self.key = key
    self.from = from
    self.to = to
    self.tiers = tiers
    self.reason = reason
    self.by = by
    self.at = at
    self.exceptions = exceptions
    self.version = version
  }

  public init(from decoder: any Decoder) throws {
    let c = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      key: try c.decode(LaunchID.self, forKey: .key), from: try c.decode(LocalDate.self, forKey: .from),
      to: try c.decode(LocalDate.self, forKey: .to), tiers: try c.decode([Tier].self, forKey: .tiers),
      reason: try c.decode(String.self, forKey: .reason), by: try c.decode(String.self, forKey: .by),
      at: try c.decode(Timestamp.self, forKey: .at), exceptions: try c.decode([Exception].self, forKey: .exceptions),
      version: try c.decodeIfPresent(Int.self, forKey: .version) ?? 1)
  }

  /// Whether the day is in it and it holds for the tier; exceptions are not looked at.
  public func holds(on date: LocalDate, for tier: Tier) -> Bool {
    from <= date && date <= to && tiers.contains(tier)
  }

  /// The exception of a launch; nil where it has none.
  public func exception(of launch: LaunchID) -> Acceptance? {
    exceptions.first { $0.launch == launch }?.accepted
  }
}
