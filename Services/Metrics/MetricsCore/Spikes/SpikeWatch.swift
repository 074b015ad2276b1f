public import LaunchModel

/// Compares the tickets of a window with their forecast. Assesses them in the order of opening, so the alarm depends
/// only on the events, not on when anybody looked.
public struct SpikeWatch: Sendable {
  /// The number of tickets above which only the last ticket of each hour is assessed, instead of every ticket.
  static let assessedSingly = 2_000

  private let test: SpikeTest
  private let window: MeasurementWindow
  private let profile: WeekProfile?
  /// The position of the exposure in the week, in hours since Monday 00:00.
  private let position: Double

  /// - Parameters:
  ///   - forecast: the number of tickets expected in the whole window.
  ///   - planned: the plan's shares of the days; nil if history determines them.
  ///   - zone: the launch's time zone.
  public init(
    forecast: Double, planned: [Double]? = nil, in window: MeasurementWindow, _ history: TicketHistory, zone: ZoneRules
  ) {
    self.window = window
    profile = history.profile
    position = WeekProfile.position(of: window.start, in: zone)
    let factors = history.profile?.dayFactors(from: position, days: window.days) ?? []
    test = SpikeTest(
      forecast: forecast,
      weights: DayWeights(days: window.days, planned: planned, dayFactors: factors, earlier: history.earlier),
      dispersion: history.dispersion)
  }

  /// A simulation of windows like this one.
  public var simulation: SpikeSimulation { SpikeSimulation(test: test, profile: profile, start: position) }

  /// The state of a window at a moment.
  public struct State: Sendable, Hashable {
    /// The tickets to date against the forecast.
    public var assessment: SpikeAssessment
    /// The assumed variance of daily counts divided by their mean.
    public var dispersion: Double
    /// When the current alarm was raised; nil if it is not raised.
    public var raisedAt: Timestamp?
    /// How often the alarm was raised.
    public var count: Int
    /// The current day, if all of its tickets count as expected already, because no profile shows when they arrive. Nil
    /// if only those expected by the moment count.
    public var wholeDay: Int?
  }

  /// The state of the window at a moment.
  ///
  /// - Parameter openings: when the tickets about the feature were opened, in any order; those outside the window or
  ///   after the moment are ignored.
  public func state(_ openings: [Timestamp], asOf now: Timestamp) -> State {
    let end = min(now, Timestamp(microseconds: window.effectiveEnd.microseconds - 1))
    let times = openings.filter { window.contains($0) && $0 <= now }.sorted()
    var alarm = SpikeAlarm()
    var state = State(
      assessment: test.assess([]), dispersion: test.dispersion, raisedAt: nil, count: 0, wholeDay: nil)
    var counts: [Int] = []
    for (index, time) in times.enumerated() {
      let day = begin(dayOf: time, in: &counts)
      // The alarm may have been cleared between the previous ticket and this one.
      if alarm.isRaised { note(alarm.update(magnitude(counts, at: time)), time, &state) }
      counts[day - 1] += 1
      guard !alarm.isRaised, isAssessed(index, of: times), magnitude(counts, at: time).isLarge else { continue }
      note(alarm.update(assess(counts, at: time)), time, &state)
    }
    if end >= window.start { _ = begin(dayOf: end, in: &counts) }
    state.assessment = assess(counts, at: now)
    state.wholeDay = wholeDay(counts.count, at: min(now, window.effectiveEnd))
    note(alarm.update(state.assessment), now, &state)
    return state
  }

  /// The number of tickets expected by a moment on each day that has begun; they add up to the number expected to date.
  func expectations(asOf now: Timestamp) -> [Double] {
    let end = min(now, Timestamp(microseconds: window.effectiveEnd.microseconds - 1))
    guard end >= window.start else { return [] }
    let today = min(window.days, window.day(of: end))
    return (1...today).map { day in
      test.forecast * test.shares[day - 1] * (day == today ? elapsed(on: day, at: now) : 1)
    }
  }

  /// Adds an empty count for each day up to the one that contains a moment, and returns that day's number.
  private func begin(dayOf moment: Timestamp, in counts: inout [Int]) -> Int {
    let day = min(window.days, window.day(of: moment))
    while counts.count < day { counts.append(0) }
    return day
  }

  private func isAssessed(_ index: Int, of times: [Timestamp]) -> Bool {
    guard times.count > Self.assessedSingly, index + 1 < times.count else { return true }
    return times[index].microseconds / 3_600_000_000 != times[index + 1].microseconds / 3_600_000_000
  }

  private func assess(_ counts: [Int], at moment: Timestamp) -> SpikeAssessment {
    test.assess(counts, elapsed: elapsed(on: counts.count, at: moment))
  }

  /// An assessment without the e-value, the computation of which takes most of the time.
  private func magnitude(_ counts: [Int], at moment: Timestamp) -> SpikeAssessment {
    let expected = test.expected(onDay: counts.count, elapsed: elapsed(on: counts.count, at: moment))
    return SpikeAssessment(count: counts.reduce(0, +), expected: expected, logEValue: -.infinity)
  }

  /// The share of a day's tickets expected by a moment; 1 without a learnt profile, or once the day has ended.
  private func elapsed(on day: Int, at moment: Timestamp) -> Double {
    guard let profile, day > 0 else { return 1 }
    let begin = window.start.adding(days: day - 1)
    let hours = Double(moment.microseconds - begin.microseconds) / 3_600_000_000
    return hours >= 24 ? 1 : profile.elapsedShare(ofDayFrom: position + 24 * Double(day - 1), hours: hours)
  }

  /// The current day if all of its tickets count as expected already; nil otherwise.
  private func wholeDay(_ day: Int, at moment: Timestamp) -> Int? {
    profile == nil && day > 0 && moment < window.start.adding(days: day) ? day : nil
  }

  private func note(_ transition: SpikeAlarm.Transition?, _ moment: Timestamp, _ state: inout State) {
    switch transition {
    case .raised:
      state.raisedAt = moment
      state.count += 1
    case .cleared: state.raisedAt = nil
    case nil: break
    }
  }
}
