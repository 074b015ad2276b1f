internal import Foundation

/// The rules of an IANA time zone: the local date of a moment, and the start of a local day.
public struct ZoneRules: Sendable {
  /// The IANA name, for example `America/New_York`.
  public let identifier: String
  private let zone: TimeZone

  /// Creates the rules of a stored zone. Earlier versions also stored abbreviations and offsets; use `init(named:)` to
  /// check names from outside.
  ///
  /// - Throws: `invalid`, naming the zone, if this system does not know it.
  public init(_ identifier: String) throws(Problem) {
    let isPlain = !identifier.isEmpty && identifier.utf8.count <= 64
    guard isPlain, let zone = TimeZone(identifier: identifier) else {
      throw .invalid(
        "unknown-zone", title: "unknown time zone", pointer: "/timeZone",
        "\"\(identifier)\" is not a known time zone; give an IANA name such as America/New_York or UTC")
    }
    self.identifier = identifier
    self.zone = zone
  }

  /// Coordinated Universal Time.
  public static let utc = ZoneRules(utc: "UTC")

  private init(utc identifier: String) {
    self.identifier = identifier
    zone = .gmt
  }

  /// Returns the offset in seconds east of UTC at a moment.
  public func offset(at moment: Timestamp) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.microseconds.floorDivided(by: 1_000_000))))
  }

  /// Returns the local date of a moment.
  public func localDate(at moment: Timestamp) -> LocalDate {
    let seconds = moment.microseconds.floorDivided(by: 1_000_000) + Int64(offset(at: moment))
    return LocalDate(ordinal: Int(seconds.floorDivided(by: 86_400)))
  }

  /// Returns the first moment of a local date, which is after midnight if a clock change skips midnight.
  public func startOfDay(_ date: LocalDate) -> Timestamp {
    let midnight = Timestamp(microseconds: Int64(date.ordinal) * 86_400_000_000)
    let offsets = [-86_400, 0, 86_400].map { offset(at: midnight.adding(seconds: $0)) }
    let candidates = offsets.map { midnight.adding(seconds: Int64(-$0)) }
    if let first = candidates.filter({ isMidnight($0, of: date) }).min() { return first }
    return firstMoment(from: midnight.adding(days: -2), to: midnight.adding(days: 3), of: date)
  }

  /// Returns the start of the local day after the one that contains the moment.
  public func nextMidnight(after moment: Timestamp) -> Timestamp {
    startOfDay(localDate(at: moment).adding(days: 1))
  }

  private func isMidnight(_ moment: Timestamp, of date: LocalDate) -> Bool {
    let local = moment.microseconds / 1_000_000 + Int64(offset(at: moment))
    return local == Int64(date.ordinal) * 86_400
  }

  /// Finds the first moment of a date by bisection, to the second.
  private func firstMoment(from low: Timestamp, to high: Timestamp, of date: LocalDate) -> Timestamp {
    var (before, after) = (low.microseconds / 1_000_000, high.microseconds / 1_000_000)
    while after - before > 1 {
      let middle = before + (after - before) / 2
      if localDate(at: Timestamp(microseconds: middle * 1_000_000)) < date { before = middle } else { after = middle }
    }
    return Timestamp(microseconds: after * 1_000_000)
  }
}
