import Contract
import LaunchModel
import ReviewCore
import Testing

/// Sample values for review tests.
enum Fixture {
  static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }
  static func date(_ text: String) throws -> LocalDate { try #require(LocalDate(text)) }
  static func place(_ text: String, _ offset: Int64) throws -> SignalPlace {
    SignalPlace(at: try time(text), offset: offset)
  }

  /// A tier 1 launch of the feature `smart-routing` in New York, exposed on 2 March 2027 at 14:00 UTC.
  static func launch() throws -> LaunchRecord {
    LaunchRecord(
      plan: LaunchPlan(
        launch: try #require(LaunchID("smart-routing")), name: "Smart routing", owner: "dana", feature: "smart-routing",
        date: try date("2027-03-02"), timeZone: "America/New_York", facts: Facts(kinds: [.newSurface])),
      tier: .major, tierComputed: .major, tierReasons: [], assumed: [], openQuestions: [], alternatives: [],
      reachedOn: ["1": try date("2027-01-15")], earliestDate: try date("2027-02-12"),
      proposedAt: try time("2027-01-15T15:00:00Z"), proposedBy: "dana")
  }

  static func sources(
    signals: CustomerSignals = CustomerSignals(), metrics: [MetricView] = [], items: [ItemView] = [],
    timeline: [TimelineEvent] = []
  ) throws -> AgendaSources {
    let launch = try launch()
    let start = try time("2027-03-02T14:00:00Z")
    return AgendaSources(
      launch: launch, attempt: 1, attempts: [ExposureAttempt(attempt: 1, startedAt: start)],
      opensOn: try date("2027-04-01"), state: .open, now: try time("2027-04-01T15:00:00Z"),
      remote: RemoteSources(
        metrics: .success(
          MetricsView(launch: launch.plan.launch, sealed: true, digest: "d", asOf: start, offset: 1, metrics: metrics)),
        plan: .success(ReviewedPlan()), items: .success(items)),
      signals: signals, timeline: timeline)
  }

  static func ticket(
    _ id: String, at time: String, account: String? = nil, feature: String? = "smart-routing", tags: [String]? = nil,
    mergedInto: String? = nil, opens: Bool = true
  ) throws -> TicketEvent {
    let at = try Self.time(time)
    return TicketEvent(
      ticket: id, at: at, offset: at.microseconds, storedAt: at, opens: opens, account: account, feature: feature,
      tags: tags, mergedInto: mergedInto)
  }

  static func item(
    _ key: String, instance: String? = nil, state: ItemState, due: String, doneOn: String? = nil, reason: String? = nil
  ) throws -> ItemView {
    ItemView(
      key: key, instance: instance, section: "Product readiness", function: .engineering, title: "The \(key)",
      state: state, gate: .blocking, due: try date(due), overdue: false, reason: reason, why: "", version: 1,
      doneOn: try doneOn.map(date))
  }
}
