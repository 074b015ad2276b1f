import Contract
import LaunchModel

extension Evaluation {
  /// Tickets about the feature that were opened in the window, against the forecast.
  func tickets(_ forecast: TicketForecast, in window: MeasurementWindow) -> Figure {
    let opened = openedTickets(in: window)
    let count = opened.count { isAboutFeature($0) }
    let expected = forecast.forecast * window.elapsedShare(asOf: now)
    let spike = TicketSpike(count: count, forecast: expected, looks: window.days)
    var figure = Figure(
      value: Double(count), numerator: count, n: count, watermark: opened.map(\.opening.at).max(),
      notes: ["forecast \(rounded(forecast.forecast)), of which \(rounded(expected)) to date"], judgement: .inconclusive
    )
    if opened.isEmpty {
      figure.value = nil
      figure.judgement = .unknown
      figure.notes.append("no ticket of any kind was opened in the window")
    } else if spike.isSpike {
      figure.judgement = .missed
      figure.notes.append("spike: as many tickets had a chance of \(scientific(spike.probability))")
    } else if Double(count) <= forecast.forecast {
      figure.judgement = .met
    }
    return figure
  }

  /// The tickets of counted accounts that were opened in the window.
  func openedTickets(in window: MeasurementWindow) -> [TicketIndex.Ticket] {
    TicketIndex(evidence.tickets).tickets().filter {
      window.contains($0.opening.at) && counts($0.opening.account, in: window)
    }
  }

  func isAboutFeature(_ ticket: TicketIndex.Ticket) -> Bool {
    evidence.attribution.features(of: ticket.events).contains(plan.feature)
  }

  private func rounded(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return Int64(exactly: tenths).map(String.init) ?? String(tenths)
  }

  /// As `1.2e-05`: two digits, which say enough of a probability.
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

/// Whether tickets came in faster than forecast: significantly, and by much (product.md, section 4).
public struct TicketSpike: Sendable, Hashable {
  /// The chance of a false alarm over a whole window, shared evenly among one look a day.
  public static let alpha = 0.05
  /// A spike is at least so many times the forecast …
  public static let factor = 1.5
  /// … and at least so many tickets over it.
  public static let excess = 5.0

  /// The exact probability of this many tickets or more, if the forecast is right.
  public var probability: Double
  /// Whether it is significant for one of that many looks, and large enough.
  public var isSpike: Bool

  /// - Parameters:
  ///   - count: the tickets so far.
  ///   - forecast: what was to be expected so far.
  ///   - looks: how often the window is looked at in all.
  public init(count: Int, forecast: Double, looks: Int) {
    probability = PoissonDistribution(mean: forecast).probability(ofAtLeast: count)
    let isLarge = Double(count) >= Self.factor * forecast && Double(count) - forecast >= Self.excess
    isSpike = isLarge && probability < Self.alpha / Double(max(1, looks))
  }
}
