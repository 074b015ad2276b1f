import Glibc
import LaunchModel
import MetricsCore

extension Study {
  /// False silences of feeds in their first and second quarter, looked at every hour, and how soon a stopped feed of
  /// 100 events a day is noticed, or one of office hours with 1,000.
  public static let feeds = Study(name: "feeds", cells: falseSilences + stops)

  private static let falseSilences = SimulatedFeed.Kind.allCases.flatMap { kind in
    kind.rates.map { rate in
      let feed = SimulatedFeed(kind: kind, perDay: rate)
      return Cell(feed.name) { scale in
        let feeds = max(1, Int(100 * scale))
        let counts = (0..<feeds).map { feed.falseSilences(seed: UInt64($0)) }
        return (0...1).map { quarter in
          SimulatedFigure(
            "false silences in quarter \(quarter + 1)", of: feed.name,
            counts.reduce(0) { $0 + Double($1[quarter]) } / Double(feeds), within: 0...1)
        }
      }
    }
  }

  private static let stopped = [
    SimulatedFeed(kind: .poisson, perDay: 100), SimulatedFeed(kind: .officeHours, perDay: 100),
    SimulatedFeed(kind: .officeHours, perDay: 1_000),
  ]

  private static let stops = stopped.map { feed in
    Cell("\(feed.name), stopped") { scale in
      let hours = (0..<max(1, Int(100 * scale))).map { feed.hoursToNotice(seed: UInt64($0)) }
      return [
        SimulatedFigure(
          "noticed within 3 working hours", of: feed.name,
          Double(hours.count { $0 <= 3 }) / Double(hours.count), within: 0.95...1),
        SimulatedFigure("mean working hours", of: feed.name, hours.reduce(0, +) / Double(hours.count)),
      ]
    }
  }
}

/// A feed of one kind.
struct SimulatedFeed: Sendable {
  enum Kind: String, CaseIterable {
    case poisson = "Poisson"
    case officeHours = "office hours"
    case dailyBatch = "daily batch"
    case weekdayBatch = "weekday batch"

    var rates: [Double] {
      switch self {
      case .poisson: [0.5, 2, 10, 100, 1_000]
      case .officeHours: [2, 10, 100, 1_000]
      case .dailyBatch, .weekdayBatch: [200]
      }
    }
  }

  var kind: Kind
  /// The mean number of events on a day on which it delivers.
  var perDay: Double

  var name: String { "\(kind.rawValue), \(perDay) a day" }

  /// A Monday, 00:00, in hours since 1970; the clock is UTC.
  private static let monday = 168 * 2_950 - 72

  /// Returns the number of times that it is wrongly considered silent in each of two quarters.
  func falseSilences(seed: UInt64) -> [Int] {
    var generator = SplitMix64(seed: seed)
    var state = FeedState()
    var silences = [0, 0]
    var rhythm: FeedRhythm?
    var isSilent = false
    for hour in 0..<(26 * WeekProfile.hours) {
      if hour % 24 == 0 { rhythm = state.rhythm(utcOffset: 0) }
      let now = Self.moment(Double(Self.monday + hour))
      if case .silent = state.status(at: now, rhythm: rhythm, utcOffset: 0) {
        if !isSilent { silences[hour / (13 * WeekProfile.hours)] += 1 }
        isSilent = true
      } else {
        isSilent = false
      }
      record(hour, in: &state, using: &generator)
    }
    return silences
  }

  /// Returns how many of its usual delivery hours pass until it is considered silent, after it stopped on a Wednesday
  /// at 11:00 with a quarter of history; checked every minute.
  func hoursToNotice(seed: UInt64) -> Double {
    var generator = SplitMix64(seed: seed)
    var state = FeedState()
    let stop = 13 * WeekProfile.hours + 2 * 24 + 11
    for hour in 0..<stop { record(hour, in: &state, using: &generator) }
    let rhythm = state.rhythm(utcOffset: 0)
    var worked = 0
    for minute in 0..<(7 * 24 * 60) {
      let hour = Double(stop) + Double(minute) / 60
      if case .silent = state.status(at: Self.moment(Double(Self.monday) + hour), rhythm: rhythm, utcOffset: 0) {
        break
      }
      if kind == .poisson || Self.isOpen(Int(hour)) { worked += 1 }
    }
    return Double(worked) / 60
  }

  /// Records the events of one hour since the first Monday.
  private func record(_ hour: Int, in state: inout FeedState, using generator: inout SplitMix64) {
    let isWeekday = hour / 24 % 7 < 5
    switch kind {
    case .poisson:
      deliver(generator.count(mean: perDay / 24), in: hour, to: &state, using: &generator)
    case .officeHours:
      guard Self.isOpen(hour) else { return }
      deliver(generator.count(mean: perDay / 9), in: hour, to: &state, using: &generator)
    case .dailyBatch, .weekdayBatch:
      // Each day's batch arrives at about two o'clock.
      guard hour % 24 == 0 else { return }
      let at = max(0.1, 2 + generator.normal(NormalDistribution(deviation: 0.5)))
      let events = generator.count(mean: perDay, dispersion: 5)
      guard kind == .dailyBatch || isWeekday, events > 0 else { return }
      state.history.record(at: Self.moment(Double(Self.monday + hour) + at), count: events, utcOffset: 0)
    }
  }

  private func deliver(_ events: Int, in hour: Int, to state: inout FeedState, using generator: inout SplitMix64) {
    guard events > 0 else { return }
    let last = pow(generator.uniform(), 1 / Double(events))
    state.history.record(at: Self.moment(Double(Self.monday + hour) + last), count: events, utcOffset: 0)
  }

  /// Returns whether an hour is within office hours: from 9 to 18 o'clock, Monday to Friday.
  private static func isOpen(_ hour: Int) -> Bool { hour / 24 % 7 < 5 && (9..<18).contains(hour % 24) }

  private static func moment(_ hours: Double) -> Timestamp { Timestamp(microseconds: Int64(hours * 3_600_000_000)) }
}
