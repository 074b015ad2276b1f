/// A range of days on which no launch should happen, such as a change freeze, with its recorded exceptions.
public struct Blackout: Sendable, Hashable, Codable {
  /// Its key, in the format of a launch id, for example `year-end`.
  public var key: LaunchID
  /// The first day.
  public var from: LocalDate
  /// The last day, inclusive; not before the first.
  public var to: LocalDate
  /// The tiers it applies to; default: all.
  public var tiers: [Tier]
  /// Why no launch should happen.
  public var reason: String
  /// Who last set it: `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// When it was last set.
  public var at: Timestamp
  /// The launches exempted from it.
  public var exceptions: [Exception]
  /// The version: the number of changes, starting at 1; `_meta.expectedVersion` refers to it, with 0 for a blackout
  /// that does not exist yet.
  public var version: Int

  /// A launch exempted from a blackout.
  public struct Exception: Sendable, Hashable, Codable {
    /// The exempted launch.
    public var launch: LaunchID
    /// Who granted the exemption, when and why.
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

  /// Returns whether it applies on the day and to the tier, regardless of exceptions.
  public func holds(on date: LocalDate, for tier: Tier) -> Bool {
    from <= date && date <= to && tiers.contains(tier)
  }

  /// Returns the launch's exemption; nil if it has none.
  public func exception(of launch: LaunchID) -> Acceptance? {
    exceptions.first { $0.launch == launch }?.accepted
  }
}
