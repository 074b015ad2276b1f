public import Contract
import LaunchModel

extension Evaluation {
  /// The tickets about the feature opened in the window, compared with the forecast.
  func tickets(_ forecast: TicketForecast, in window: MeasurementWindow) -> Figure {
    let opened = openedTickets(in: window)
    let own = opened.filter { isAboutFeature($0) }
    let state = evidence.watch(forecast, in: window).state(own.map(\.opening.at), asOf: now)
    let expected = state.assessment.expected
    var figure = Figure(
      value: Double(own.count), numerator: own.count, n: own.count, watermark: opened.map(\.opening.at).max(),
      notes: [
        "\(rounded(expected)) of the \(rounded(forecast.forecast)) forecast tickets expected \(state.view.expectedBy)"
      ],
      spike: state.view, judgement: .inconclusive)
    if opened.isEmpty {
      figure.value = nil
      figure.judgement = .unknown
      figure.notes.append("no tickets of any kind were opened in the window")
    } else if isSpike(forecast, count: own.count, state, in: window) {
      figure.judgement = .missed
      figure.notes.append(
        "spike: \(rounded(state.assessment.ratio)) times the tickets expected \(state.view.expectedBy), "
          + state.view.likelihood)
    } else if Double(own.count) <= forecast.forecast {
      figure.judgement = .met
    }
    if own.isEmpty, !opened.isEmpty {
      figure.notes.append(
        "tickets are delivered, but none is about \(plan.feature): do they use another key or tag?")
    }
    let unopened = unopenedTickets(in: window)
    if unopened > 0 {
      let tickets = unopened == 1 ? "1 ticket" : "\(unopened) tickets"
      figure.notes.append(
        "\(tickets) about \(plan.feature) not counted: updated in the window, but no ticket.opened was delivered")
    }
    return figure
  }

  /// Whether there is a spike at the moment, by the test that the plan was sealed with.
  private func isSpike(
    _ forecast: TicketForecast, count: Int, _ state: SpikeWatch.State, in window: MeasurementWindow
  ) -> Bool {
    switch forecast.spikeRule {
    case .sequential: return state.raisedAt != nil
    case .poisson:
      let expected = forecast.forecast * window.elapsedShare(asOf: now)
      return TicketSpike(count: count, forecast: expected, looks: window.days).isSpike
    }
  }

  /// The tickets opened in the window, without those of excluded accounts.
  func openedTickets(in window: MeasurementWindow) -> [TicketIndex.Ticket] {
    evidence.tickets.tickets.filter {
      window.contains($0.opening.at) && counts($0.opening.account, in: window)
    }
  }

  /// The number of tickets about the feature that were updated in the window but whose opening was never delivered.
  private func unopenedTickets(in window: MeasurementWindow) -> Int {
    evidence.tickets.unopened.count { id, events in
      events.contains { window.contains($0.at) } && attribution.includes(events, of: id)
    }
  }

  func isAboutFeature(_ ticket: TicketIndex.Ticket) -> Bool {
    attribution.includes(ticket)
  }

  private func rounded(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return Int64(exactly: tenths).map(String.init) ?? String(tenths)
  }
}

extension MetricEvidence {
  /// The comparison of a window's tickets with the forecast, with expectations learnt from earlier tickets.
  public func watch(_ forecast: TicketForecast, in window: MeasurementWindow) -> SpikeWatch {
    let history = TicketHistory(
      tickets, before: window.start, in: zone, windowDays: window.days, launches: earlierLaunches)
    return SpikeWatch(forecast: forecast.forecast, planned: forecast.shares, in: window, history, zone: zone)
  }
}

extension SpikeWatch.State {
  /// The highest evidence to show; higher values are shown as this one.
  private static let mostEvidence = 1e9

  /// The state as returned by calls.
  var view: SpikeView {
    SpikeView(
      raisedAt: raisedAt, count: count, expected: assessment.expected,
      ratio: assessment.ratio.isFinite ? assessment.ratio : nil,
      evidence: min(Self.mostEvidence, assessment.eValue), dispersion: dispersion, wholeDay: wholeDay)
  }
}

extension SpikeView {
  /// When the expected tickets are expected by: `by now`, or for example `by the end of day 1`.
  public var expectedBy: String { wholeDay.map { "by the end of day \($0)" } ?? "by now" }

  /// The e-value in words: `75 times as likely under a raised rate as under the forecast (alarm from 20 times)`.
  ///
  /// The e-value is the probability of the tickets to date under raised rates, averaged by their priors, divided by
  /// that under the forecast.
  public var likelihood: String {
    let times: String
    if evidence >= 1_000_000 {
      times = "over a million"
    } else if evidence >= 10 {
      times = String(Int64(evidence.rounded(.down)))
    } else {
      times = String((evidence * 10).rounded(.down) / 10)
    }
    let threshold = Int64(SpikeTest.threshold)
    return "\(times) times as likely under a raised rate as under the forecast (alarm from \(threshold) times)"
  }
}

/// A test for more tickets than forecast, by a significant and large margin (product.md, section 4).
public struct TicketSpike: Sendable, Hashable {
  /// The probability of a false alarm over a whole window. It is divided evenly among the daily looks.
  public static let alpha = 0.05
  /// A spike is at least this multiple of the number expected …
  public static let factor = 1.5
  /// … and at least this many tickets above it.
  public static let excess = 5.0

  /// The exact probability of at least this many tickets, if the forecast is right.
  public var probability: Double
  /// Whether the excess is large enough, and significant even with several looks at the window.
  public var isSpike: Bool

  /// Tests the tickets to date.
  ///
  /// - Parameters:
  ///   - count: the number of tickets to date.
  ///   - forecast: the number expected to date.
  ///   - looks: the total number of looks at the window.
  public init(count: Int, forecast: Double, looks: Int) {
    probability = PoissonDistribution(mean: forecast).probability(ofAtLeast: count)
    let isLarge = Double(count) >= Self.factor * forecast && Double(count) - forecast >= Self.excess
    isSpike = isLarge && probability < Self.alpha / Double(max(1, looks))
  }
}
