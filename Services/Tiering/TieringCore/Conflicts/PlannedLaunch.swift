public import LaunchModel

/// Of a launch, what conflicts are found by.
public struct PlannedLaunch: Sendable, Hashable {
  /// The launch's id.
  public var launch: LaunchID
  /// As people call it, for the reasons.
  public var name: String
  /// The person who answers for it.
  public var owner: PersonID
  /// The tier in force.
  public var tier: Tier
  /// The planned local date; weeks are those of local dates, whatever the zones.
  public var date: LocalDate
  /// Whether its date is taken, and whether it still lies ahead.
  public var status: LaunchStatus
  /// When it was proposed or its date moved last.
  public var placedAt: Timestamp

  public init(
    launch: LaunchID, name: String, owner: PersonID, tier: Tier, date: LocalDate, status: LaunchStatus,
    placedAt: Timestamp
  ) {
    self.launch = launch
    self.name = name
    self.owner = owner
    self.tier = tier
    self.date = date
    self.status = status
    self.placedAt = placedAt
  }

  /// Takes what is needed from a record.
  public init(_ record: LaunchRecord) {
    self.init(
      launch: record.plan.launch, name: record.plan.name, owner: record.plan.owner, tier: record.tier,
      date: record.plan.date, status: record.status, placedAt: record.placedAt)
  }

  /// Whether it was proposed or moved after another one; of two at one moment, the one with the later id.
  public func isPlaced(after other: PlannedLaunch) -> Bool {
    (placedAt, launch) > (other.placedAt, other.launch)
  }
}

/// Which conflicts were accepted; one that was accepted for other dates is not.
public struct AcceptedConflicts: Sendable {
  /// What an acceptance is of.
  public struct Key: Sendable, Hashable {
    /// The launch that the conflict is charged to.
    public var launch: LaunchID
    /// What is in conflict.
    public var kind: ConflictKind
    /// The other launch's id.
    public var other: String
    /// The dates of both when it was accepted.
    public var dates: [LocalDate]

    public init(launch: LaunchID, kind: ConflictKind, other: String, dates: [LocalDate]) {
      self.launch = launch
      self.kind = kind
      self.other = other
      self.dates = dates
    }
  }

  private var acceptances: [Key: Acceptance] = [:]

  public init() {}

  /// Adds one.
  public mutating func add(_ key: Key, _ acceptance: Acceptance) { acceptances[key] = acceptance }

  /// The acceptance of a conflict on those dates; nil where there is none.
  public subscript(key: Key) -> Acceptance? { acceptances[key] }
}
