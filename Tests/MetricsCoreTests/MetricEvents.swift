import JSON
import Contract
import LaunchModel
import MetricsCore

/// Makes metric events as the log would return them.
enum MetricEvents {
  static let exposure = Timestamp(microseconds: 1_798_794_000_000_000)

  /// A time that many days and hours after exposure.
  static func moment(day: Int, hour: Int64 = 0) -> Timestamp {
    exposure.adding(days: day).adding(seconds: hour * 3_600)
  }

  static func make(
    _ type: SignalType, _ data: JSONValue, at moment: Timestamp, offset: Int64 = 1, storedAt: Timestamp? = nil
  ) throws -> MetricEvent {
    try make(type.rawValue, data, at: moment, offset: offset, storedAt: storedAt)
  }

  static func make(
    _ type: String, _ data: JSONValue, at moment: Timestamp, offset: Int64 = 1, storedAt: Timestamp? = nil
  ) throws -> MetricEvent {
    MetricEvent(
      offset: offset, storedAt: storedAt ?? moment, at: moment, type: type, reference: "//test \(offset)",
      signal: try SignalType(rawValue: type).map { try Signal($0, data: data) },
      document: ["type": .string(type), "data": data])
  }

  /// What a feed delivered in hours since exposure, an event in each and stored at once.
  static func deliveries(_ hours: [Int]) -> FeedDeliveries {
    let start = Int(exposure.microseconds / 3_600_000_000)
    return FeedDeliveries(hours.map { .init(hour: start + $0, storedHour: start + $0, events: 1) })
  }

  static func attempt(rolledBackAt: Timestamp? = nil) -> Attempt {
    Attempt(number: 1, startedAt: exposure, rolledBackAt: rolledBackAt, knownSince: exposure)
  }
}
