import CSpecialFunctions
import Glibc

/// A sequential test for more tickets than forecast (product.md, section 4). Its e-value
/// remains valid however often it is computed.
///
/// It compares the likelihood of λ times the forecast with that of the forecast, each averaged over samples of the day
/// weights. Creating a test draws the samples; `assess` then takes well under a millisecond for a week.
public struct SpikeTest: Sendable, Hashable {
  /// The multiples of the forecast that are tested, with their prior probabilities.
  public static let alternatives: [(multiple: Double, probability: Double)] = [
    (1.25, 0.15), (1.5, 0.3), (2, 0.3), (3, 0.15), (5, 0.1),
  ]
  /// The e-value from which an excess is significant.
  public static let threshold = 20.0
  /// An excess is large from this multiple of the tickets expected to date …
  public static let factor = 1.5
  /// … and this number of tickets above them.
  public static let excess = 5.0
  /// A raised alarm is cleared below this multiple of the tickets expected to date.
  public static let clearing = 1.25
  /// The number of samples of the day weights.
  public static let sampleCount = 200
  /// The seed of the samples.
  public static let seed: UInt64 = 0x676f_6e6f_676f
  /// The dispersion below which counts are modelled as Poisson.
  public static let poissonBelow = 1.05
  /// The minimum forecast for the e-value. A lower forecast counts as 1, because a forecast
  /// of 0 would make every ticket impossible.
  public static let leastForecast = 1.0

  /// The number of tickets expected in the whole window.
  public let forecast: Double
  /// The variance of a day's tickets divided by their mean.
  public let dispersion: Double
  /// The expected share of each day.
  public let shares: [Double]
  /// The expectation of each day in each sample, sample after sample.
  private let samples: [DayExpectation]

  /// One sample's expectation of a day, with the terms of the likelihood that do not depend on the count.
  private struct DayExpectation: Sendable, Hashable {
    var mean: Double
    var logMean: Double
    /// The negative binomial's parameter m/(φ − 1), with mean m and dispersion φ.
    var size: Double
    var logSize: Double
    var logGammaSize: Double
  }

  /// Creates a test.
  ///
  /// - Parameters:
  ///   - forecast: the number of tickets expected in the whole window, at least 0.
  ///   - dispersion: the variance of a day's tickets divided by their mean, as returned by `Dispersion.estimate`.
  public init(forecast: Double, weights: DayWeights, dispersion: Double = Dispersion.prior) {
    self.forecast = max(0, forecast)
    self.dispersion = dispersion
    shares = weights.mean
    let tested = max(Self.leastForecast, forecast)
    samples = weights.samples(Self.sampleCount, seed: Self.seed).joined().map { share in
      let mean = tested * share
      let size = mean / max(dispersion - 1, Self.poissonBelow - 1)
      return DayExpectation(
        mean: mean, logMean: log(mean), size: size, logSize: log(size), logGammaSize: gonogo_log_gamma(size))
    }
  }

  /// Assesses the tickets of all days that have begun.
  ///
  /// - Parameters:
  ///   - counts: the tickets of each day from exposure; days beyond the window are ignored.
  ///   - elapsed: the share of the current day's tickets expected by now, as returned by `WeekProfile.elapsedShare`; 1
  ///     without a learnt profile, or after the last day.
  public func assess(_ counts: [Int], elapsed: Double = 1) -> SpikeAssessment {
    let days = min(counts.count, shares.count)
    let elapsed = days < counts.count ? 1 : min(1, max(0, elapsed))
    let count = counts[..<days].reduce(0, +)
    return SpikeAssessment(
      count: count, expected: expected(onDay: days, elapsed: elapsed),
      logEValue: logEValue(counts[..<days], elapsed: elapsed, total: Double(count)))
  }

  /// The number of tickets expected until a share of a day, counted from 1, has elapsed; 0 for day 0.
  func expected(onDay day: Int, elapsed: Double) -> Double {
    day == 0 ? 0 : forecast * (shares[..<(day - 1)].reduce(0, +) + shares[day - 1] * elapsed)
  }

  /// Whether the excess is large enough for an alarm. If it is not, the e-value does not matter.
  static func isLarge(_ count: Int, expected: Double) -> Bool {
    Double(count) >= factor * expected && Double(count) - expected >= excess
  }

  /// The logarithm of the e-value.
  ///
  /// With k = m/(φ − 1), a day with n tickets has the factor
  /// `Γ(k + n)/(Γ(k) kⁿ) · (λm)ⁿ · (1 + λf(φ − 1))^−(k + n)`. Only the last part depends on both λ and the sample.
  /// f is the elapsed share of the current day, and 1 for every other day.
  private func logEValue(_ counts: ArraySlice<Int>, elapsed: Double, total: Double) -> Double {
    guard let today = counts.indices.last else { return 0 }
    let isPoisson = dispersion < Self.poissonBelow
    let multiples = [1] + Self.alternatives.map(\.multiple)
    let decays = multiples.map { multiple in
      let (whole, part) = (multiple, multiple * elapsed)
      return isPoisson ? (whole, part) : (log1p(whole * (dispersion - 1)), log1p(part * (dispersion - 1)))
    }
    let logMultiples = multiples.map { total * log($0) }
    var logs = multiples.map { _ in [Double](repeating: 0, count: Self.sampleCount) }
    for sample in 0..<Self.sampleCount {
      let first = sample * shares.count
      var base = 0.0
      for day in counts.indices where counts[day] > 0 {
        let expectation = samples[first + day]
        base += Double(counts[day]) * expectation.logMean
        if !isPoisson { base += Self.logRisingRatio(expectation, counts[day]) }
      }
      var past = 0.0
      for day in 0..<today {
        past += isPoisson ? samples[first + day].mean : samples[first + day].size + Double(counts[day])
      }
      let running = isPoisson ? samples[first + today].mean : samples[first + today].size + Double(counts[today])
      for index in multiples.indices {
        logs[index][sample] = base + logMultiples[index] - past * decays[index].0 - running * decays[index].1
      }
    }
    let alternatives = Self.alternatives.indices.map {
      log(Self.alternatives[$0].probability) + Self.logSum(logs[$0 + 1])
    }
    return Self.logSum(alternatives) - Self.logSum(logs[0])
  }

  /// log(Γ(k + n) / (Γ(k) kⁿ)). Computed as a sum for small n, because the difference of large logarithms loses digits.
  private static func logRisingRatio(_ expectation: DayExpectation, _ count: Int) -> Double {
    guard count > 16 else { return (0..<count).reduce(0) { $0 + log1p(Double($1) / expectation.size) } }
    return gonogo_log_gamma(expectation.size + Double(count)) - expectation.logGammaSize
      - Double(count) * expectation.logSize
  }

  /// The logarithm of the sum of exponentials.
  private static func logSum(_ logs: [Double]) -> Double {
    let largest = logs.max() ?? 0
    return largest + log(logs.reduce(0) { $0 + exp($1 - largest) })
  }
}

/// The result of a test for the tickets to date.
public struct SpikeAssessment: Sendable, Hashable {
  /// The tickets to date.
  public var count: Int
  /// The tickets expected to date.
  public var expected: Double
  /// The natural logarithm of the e-value, which itself may exceed the range of a double.
  public var logEValue: Double

  public init(count: Int, expected: Double, logEValue: Double) {
    self.count = count
    self.expected = expected
    self.logEValue = logEValue
  }

  /// How many times as likely the tickets are under a raised rate as under the forecast; if the forecast holds, it ever
  /// reaches x with a probability of at most about 1/x.
  public var eValue: Double { exp(logEValue) }

  /// The number of tickets divided by the number expected to date; infinite if tickets arrived but none were expected.
  public var ratio: Double { expected > 0 ? Double(count) / expected : count > 0 ? .infinity : 1 }

  /// Whether the e-value reaches the threshold.
  public var isSignificant: Bool { logEValue >= log(SpikeTest.threshold) }

  /// Whether the excess is large enough to matter.
  public var isLarge: Bool { SpikeTest.isLarge(count, expected: expected) }

  /// Whether the assessment raises an alarm: the excess is significant and large.
  public var isSpike: Bool { isSignificant && isLarge }
}

/// The alarm of one window. It is cleared only well below the level that raises it.
public struct SpikeAlarm: Sendable, Hashable {
  /// The change that an assessment caused.
  public enum Transition: Sendable, Hashable {
    case raised, cleared
  }

  /// Whether the alarm is currently raised.
  public private(set) var isRaised: Bool

  public init(isRaised: Bool = false) { self.isRaised = isRaised }

  /// Applies an assessment; returns nil if the alarm does not change.
  public mutating func update(_ assessment: SpikeAssessment) -> Transition? {
    if isRaised {
      guard assessment.ratio < SpikeTest.clearing else { return nil }
      isRaised = false
      return .cleared
    }
    guard assessment.isSpike else { return nil }
    isRaised = true
    return .raised
  }
}
