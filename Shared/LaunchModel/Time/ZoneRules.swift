internal import Foundation

/// The rules of an IANA time zone: which local date a moment falls on, and when a local day begins.
public struct ZoneRules: Sendable {
  /// The IANA name, as `America/New_York`.
  public let identifier: String
  private let zone: TimeZone

  /// - Throws: a problem that names the zone, where this system does not know it.
  public init(_ identifier: String) throws(Problem) {
    let isPlain = !identifier.isEmpty && identifier.utf8.count <= 64
    guard isPlain, let zone = TimeZone(identifier: identifier) else {
      throw .invalid(
        "unknown-zone", title: "unknown time zone", pointer: "/timeZone",
        "\"\(identifier)\" is no time zone known here; write an IANA name, as America/New_York or UTC")
    }
    self.identifier = identifier
    self.zone = zone
  }

  /// Universal time.
  public static let utc = ZoneRules(utc: "UTC")

  private init(utc identifier: String) {
    self.identifier = identifier
    zone = .gmt
  }

  /// Seconds east of UTC at a moment.
  public func offset(at moment: Timestamp) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.microseconds.floorDivided(by: 1_000_000))))
  }

  /// The local date of a moment.
  public func localDate(at moment: Timestamp) -> LocalDate {
    let seconds = moment.microseconds.floorDivided(by: 1_000_000) + Int64(offset(at: moment))
    return LocalDate(ordinal: Int(seconds.floorDivided(by: 86_400)))
  }

  /// The first moment of a local date; where a change of clocks leaves out midnight, the first moment after it.
  public func startOfDay(_ date: LocalDate) -> Timestamp {
    let midnight = Timestamp(microseconds: Int64(date.ordinal) * 86_400_000_000)
    let offsets = [-86_400, 0, 86_400].map { offset(at: midnight.adding(seconds: $0)) }
    let candidates = offsets.map { midnight.adding(seconds: Int64(-$0)) }
    if let first = candidates.filter({ isMidnight($0, of: date) }).min() { return first }
    return firstMoment(from: midnight.adding(days: -2), to: midnight.adding(days: 3), of: date)
  }

  /// The first moment of the local day after the one that a moment falls on.
  public func nextMidnight(after moment: Timestamp) -> Timestamp {
    startOfDay(localDate(at: moment).adding(days: 1))
  }

  private func isMidnight(_ moment: Timestamp, of date: LocalDate) -> Bool {
    let local = moment.microseconds / 1_000_000 + Int64(offset(at: moment))
    return local == Int64(date.ordinal) * 86_400
  }

  /// By bisection, to the second.
  private func firstMoment(from low: Timestamp, to high: Timestamp, of date: LocalDate) -> Timestamp {
    var (before, after) = (low.microseconds / 1_000_000, high.microseconds / 1_000_000)
    while after - before > 1 {
      let middle = before + (after - before) / 2
      if localDate(at: Timestamp(microseconds: middle * 1_000_000)) < date { before = middle } else { after = middle }
    }
    return Timestamp(microseconds: after * 1_000_000)
  }
}
