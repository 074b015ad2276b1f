public import LaunchModel

/// Simulates windows of a launch, with an assessment after every ticket and every hour.
public struct SpikeSimulation: Sendable {
  /// The true process by which tickets arrive.
  public struct Truth: Sendable, Hashable {
    /// The mean number of tickets in the window.
    public var tickets: Double
    /// The true share of each day; the shares add up to 1.
    public var shares: [Double]
    /// The variance of a day's tickets divided by their mean, at least 1.
    public var dispersion: Double
    /// When tickets arrive within a day.
    public var profile: WeekProfile

    public init(tickets: Double, shares: [Double], dispersion: Double, profile: WeekProfile) {
      self.tickets = tickets
      self.shares = shares
      self.dispersion = dispersion
      self.profile = profile
    }
  }

  /// The result of one simulated window.
  public struct Outcome: Sendable, Hashable {
    /// How often the alarm was raised.
    public var alarms: Int
    /// The day of the first alarm, from 1; nil if there was none.
    public var firstDay: Int?
  }

  /// The test in use.
  public var test: SpikeTest
  /// The weekly profile that the test uses; nil without history.
  public var profile: WeekProfile?
  /// The position of the exposure in the week, in hours since Monday 00:00.
  public var start: Double

  public init(test: SpikeTest, profile: WeekProfile?, start: Double) {
    self.test = test
    self.profile = profile
    self.start = start
  }

  /// Simulates one window.
  public func run(_ truth: Truth, using generator: inout SplitMix64) -> Outcome {
    var outcome = Outcome(alarms: 0)
    var alarm = SpikeAlarm()
    var counts: [Int] = []
    for (day, share) in truth.shares.enumerated() {
      counts.append(0)
      let number = generator.count(mean: truth.tickets * share, dispersion: truth.dispersion)
      for (hour, isTicket) in moments(number, day: day, truth: truth, using: &generator) {
        if isTicket { counts[day] += 1 }
        guard isTicket || alarm.isRaised else { continue }
        let elapsed = profile?.elapsedShare(ofDayFrom: start + 24 * Double(day), hours: hour) ?? 1
        guard alarm.update(test.assess(counts, elapsed: elapsed, for: alarm)) == .raised else { continue }
        outcome.alarms += 1
        if outcome.firstDay == nil { outcome.firstDay = day + 1 }
      }
    }
    return outcome
  }

  /// The hours of a day at which the test is applied, ascending: each ticket's, and each full hour.
  private func moments(
    _ tickets: Int, day: Int, truth: Truth, using generator: inout SplitMix64
  ) -> [(hour: Double, isTicket: Bool)] {
    let begin = start + 24 * Double(day)
    let share = truth.profile.share(from: begin, hours: 24)
    let opened = (0..<tickets).map { _ in
      (hour: min(24, truth.profile.position(after: generator.uniform() * share, from: begin) - begin), isTicket: true)
    }
    return (opened + (1...24).map { (hour: Double($0), isTicket: false) }).sorted { $0.hour < $1.hour }
  }
}

extension SpikeSimulation {
  /// When the test is applied.
  public enum Looks: Sendable, Hashable {
    /// After each ticket and at each full hour, as the service does.
    case eachTicket
    /// At the end of each day. This detects spikes slightly later, or misses some, but takes much less time.
    case eachDay
  }

  /// The probability that the alarm is raised by the end of each day, if a multiple of the forecast arrives in a window
  /// with the expected distribution over days and hours.
  ///
  /// - Parameters:
  ///   - multiple: the true mean divided by the forecast; for 1, the result is the rate of false alarms.
  ///   - windows: the number of simulated windows; 1,000 give a standard error of at most 1.6 percentage points.
  public func power(
    multiple: Double, windows: Int = 1_000, looks: Looks = .eachTicket, seed: UInt64 = SpikeTest.seed
  ) -> [Double] {
    var power = SpikePower(self, multiple: multiple, looks: looks, seed: seed)
    power.simulate(windows: max(1, windows))
    return power.byDay
  }

  /// A true process with a multiple of the forecast and the expected distribution over days and hours.
  fileprivate func truth(multiple: Double) -> Truth {
    Truth(
      tickets: multiple * test.forecast, shares: test.shares, dispersion: test.dispersion, profile: profile ?? .even)
  }

  /// Simulates one window with an assessment at the end of each day, up to its first alarm.
  ///
  /// - Returns: the day of the alarm, from 1; nil without one.
  fileprivate func firstDay(of truth: Truth, using generator: inout SplitMix64) -> Int? {
    var counts: [Int] = []
    for (day, share) in truth.shares.enumerated() {
      counts.append(generator.count(mean: truth.tickets * share, dispersion: truth.dispersion))
      if test.assess(counts, elapsed: 1, for: SpikeAlarm()).isSpike { return day + 1 }
    }
    return nil
  }
}

/// The power of a test against one multiple of the forecast. Windows can be simulated in steps, as time permits.
public struct SpikePower: Sendable {
  /// The true mean divided by the forecast.
  public let multiple: Double
  /// The windows simulated so far.
  public private(set) var windows = 0
  private let simulation: SpikeSimulation
  private let looks: SpikeSimulation.Looks
  private let truth: SpikeSimulation.Truth
  private var generator: SplitMix64
  /// The number of windows in which the alarm was raised by the end of each day.
  private var raised: [Int]

  public init(
    _ simulation: SpikeSimulation, multiple: Double, looks: SpikeSimulation.Looks = .eachTicket,
    seed: UInt64 = SpikeTest.seed
  ) {
    self.simulation = simulation
    self.multiple = multiple
    self.looks = looks
    truth = simulation.truth(multiple: multiple)
    generator = SplitMix64(seed: seed)
    raised = [Int](repeating: 0, count: simulation.test.shares.count)
  }

  /// Simulates further windows.
  public mutating func simulate(windows count: Int) {
    for _ in 0..<max(0, count) {
      let day: Int? =
        switch looks {
        case .eachTicket: simulation.run(truth, using: &generator).firstDay
        case .eachDay: simulation.firstDay(of: truth, using: &generator)
        }
      if let day { for later in (day - 1)..<raised.count { raised[later] += 1 } }
    }
    windows += max(0, count)
  }

  /// The probability that the alarm is raised by the end of each day. Its standard error is at most 0.5
  /// divided by the square root of `windows`.
  public var byDay: [Double] { raised.map { windows == 0 ? 0 : Double($0) / Double(windows) } }
}

extension SpikeTest {
  /// An assessment for simulations; it skips the e-value, setting it to 1, if the e-value cannot change the alarm.
  func assess(_ counts: [Int], elapsed: Double, for alarm: SpikeAlarm) -> SpikeAssessment {
    let expected = expected(onDay: counts.count, elapsed: elapsed)
    let count = counts.reduce(0, +)
    guard !alarm.isRaised, Self.isLarge(count, expected: expected) else {
      return SpikeAssessment(count: count, expected: expected, logEValue: 0)
    }
    return assess(counts, elapsed: elapsed)
  }
}
