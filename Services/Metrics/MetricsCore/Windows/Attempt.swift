public import LaunchModel

/// One attempt at launching, as it is measured.
public struct Attempt: Sendable, Hashable, Codable {
  /// From 1.
  public var number: Int
  /// The first real exposure: where day 0 begins.
  public var startedAt: Timestamp
  /// When it was rolled back.
  public var rolledBackAt: Timestamp?
  /// When the bus stored the announcement of its exposure.
  public var knownSince: Timestamp

  public init(number: Int, startedAt: Timestamp, rolledBackAt: Timestamp? = nil, knownSince: Timestamp) {
    self.number = number
    self.startedAt = startedAt
    self.rolledBackAt = rolledBackAt
    self.knownSince = knownSince
  }

  /// The window of that many spans of 24 hours from exposure.
  public func window(days: Int) -> MeasurementWindow {
    let end = startedAt.adding(days: days)
    return MeasurementWindow(
      start: startedAt, end: end, days: days,
      cutAt: rolledBackAt.flatMap { $0 < end ? max($0, startedAt) : nil }, knownSince: knownSince)
  }
}
