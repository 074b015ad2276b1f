import Contract
import LaunchModel

extension Evaluation {
  /// The tickets about the feature opened in the window, compared with the forecast.
  func tickets(_ forecast: TicketForecast, in window: MeasurementWindow) -> Figure {
    let opened = openedTickets(in: window)
    let count = opened.count { isAboutFeature($0) }
    let expected = forecast.forecast * window.elapsedShare(asOf: now)
    let spike = TicketSpike(count: count, forecast: expected, looks: window.days)
    var figure = Figure(
      value: Double(count), numerator: count, n: count, watermark: opened.map(\.opening.at).max(),
      notes: ["\(rounded(expected)) of the \(rounded(forecast.forecast)) forecast tickets expected by now"],
      judgement: .inconclusive)
    if opened.isEmpty {
      figure.value = nil
      figure.judgement = .unknown
      figure.notes.append("no tickets of any kind were opened in the window")
    } else if spike.isSpike {
      figure.judgement = .missed
      figure.notes.append("spike: the probability of this many tickets was \(scientific(spike.probability))")
    } else if Double(count) <= forecast.forecast {
      figure.judgement = .met
    }
    return figure
  }

  /// The tickets opened in the window by accounts that count.
  func openedTickets(in window: MeasurementWindow) -> [TicketIndex.Ticket] {
    evidence.tickets.tickets.filter {
      window.contains($0.opening.at) && counts($0.opening.account, in: window)
    }
  }

  func isAboutFeature(_ ticket: TicketIndex.Ticket) -> Bool {
    attribution.includes(ticket)
  }

  private func rounded(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return Int64(exactly: tenths).map(String.init) ?? String(tenths)
  }

  /// A probability with two significant digits, such as `1.2e-5`, or three decimals if it is not small.
  private func scientific(_ probability: Double) -> String {
    guard probability > 0 else { return "0" }
    var exponent = 0
    var mantissa = probability
    while mantissa < 1 {
      mantissa *= 10
      exponent -= 1
    }
    return exponent < -2 ? "\((mantissa * 10).rounded() / 10)e\(exponent)" : "\((probability * 1000).rounded() / 1000)"
  }
}

/// A test for more tickets than forecast, by a significant and large margin (product.md, section 4).
public struct TicketSpike: Sendable, Hashable {
  /// The probability of a false alarm over a whole window, divided evenly among its looks, one per day.
  public static let alpha = 0.05
  /// A spike is at least this many times the forecast …
  public static let factor = 1.5
  /// … and at least this many tickets above it.
  public static let excess = 5.0

  /// The exact probability of at least this many tickets if the forecast is right.
  public var probability: Double
  /// Whether the excess is large enough, and significant for one of several looks.
  public var isSpike: Bool

  /// Tests the tickets so far.
  ///
  /// - Parameters:
  ///   - count: the number of tickets so far.
  ///   - forecast: the number expected so far.
  ///   - looks: the total number of looks at the window.
  public init(count: Int, forecast: Double, looks: Int) {
    probability = PoissonDistribution(mean: forecast).probability(ofAtLeast: count)
    let isLarge = Double(count) >= Self.factor * forecast && Double(count) - forecast >= Self.excess
    isSpike = isLarge && probability < Self.alpha / Double(max(1, looks))
  }
}
