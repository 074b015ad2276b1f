public import LaunchModel

/// What a spec makes of the events it was given.
public struct Projection: Sendable, Hashable {
  /// By raw account; merges are resolved on reading.
  public var activities: [String: AccountActivity]
  /// Counts by day, account, subject and locale; for specs that do not count accounts alone.
  public var tallies: [TallyKey: Tally]
  /// The latest moment at which an event of it happened.
  public var watermark: Timestamp?
  /// The first offset that was left in the log when it was built from events of which earlier ones may be missing.
  public var prunedBefore: Int64?

  public init(
    activities: [String: AccountActivity] = [:], tallies: [TallyKey: Tally] = [:], watermark: Timestamp? = nil,
    prunedBefore: Int64? = nil
  ) {
    self.activities = activities
    self.tallies = tallies
    self.watermark = watermark
    self.prunedBefore = prunedBefore
  }

  /// Adds one event, once.
  public mutating func apply(_ observation: Observation, of spec: ProjectionSpec) {
    guard let contribution = spec.contribution(of: observation) else { return }
    add(contribution, at: observation.at)
  }

  /// Adds what one event contributes, once.
  public mutating func add(_ contribution: ProjectionSpec.Contribution, at moment: Timestamp) {
    note(moment)
    switch contribution {
    case .activity(let account, let activity):
      activities[account] = activities[account].map { $0.merged(with: activity) } ?? activity
    case .tally(let key, let tally):
      tallies[key] = tallies[key].map { $0.adding(tally) } ?? tally
    }
  }

  /// Notes that an event of that moment was seen.
  public mutating func note(_ moment: Timestamp) { watermark = watermark.map { max($0, moment) } ?? moment }
}
