import Contract
import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// The calls that show in advance what can be measured.
struct MeasurabilityHandlers {
  /// The simulated multiples of the forecast.
  private static let multiples = [1, 1.25, 1.5, 2, 3]
  /// The maximum number of windows to simulate for each multiple, if time permits.
  private static let windows = 1_000
  /// The number of windows to simulate between two checks of the deadline.
  private static let step = 5

  let check: MeasurabilityCheck

  func register(on router: inout ServiceRouter) {
    router.read(MetricsRoutes.checkPlan, checkPlan)
    router.read(MetricsRoutes.spikePower, spikePower)
  }

  @Sendable
  private func checkPlan(_ params: LaunchReference, _ call: CallContext) async throws -> MeasurabilityView {
    try Rights.require(call.actor, .read)
    return try await check.run(params.launch, at: call.now, until: call.deadline, call.environment).view
  }

  /// Simulates for at most about half of the time until the caller's deadline.
  @Sendable
  private func spikePower(_ params: SpikePowerRequest, _ call: CallContext) async throws -> SpikePowerView {
    try Rights.require(call.actor, .read)
    let end = ContinuousClock.now + ContinuousClock.now.duration(to: call.deadline) / 2
    let now = call.now
    let watched = try await call.environment.database.read { [signals = check.memory.signals] db in
      try WatchedTickets(params, at: now, signals, db)
    }
    var powers = Self.multiples.map { SpikePower(watched.simulation, multiple: $0) }
    var windows = 0
    repeat {
      for index in powers.indices { powers[index].simulate(windows: Self.step) }
      windows += Self.step
      try Task.checkCancellation()
      await Task.yield()
    } while windows < Self.windows && ContinuousClock.now < end
    return SpikePowerView(
      launch: params.launch, key: watched.key, forecast: watched.simulation.test.forecast,
      dispersion: watched.simulation.test.dispersion, windows: windows,
      multiples: powers.map { SpikePowerColumn(multiple: $0.multiple, byDay: $0.byDay) })
  }
}

/// A tickets metric and a simulation of its window: the latest attempt's window
/// or, before exposure, one that begins now.
private struct WatchedTickets: Sendable {
  var key: String
  var simulation: SpikeSimulation

  init(
    _ request: SpikePowerRequest, at now: Timestamp, _ signals: SignalMemory, _ db: any Transaction
  ) throws {
    let launch = request.launch
    let known = try LaunchRepository(db).launch(launch)
    try SealCheck(db).require(launch)
    guard let plan = try PlanRepository(db).history(of: launch).current?.plan(feature: known.feature) else {
      throw Problem.noPlan(launch)
    }
    let watched = plan.metrics.filter { $0.measure.kind == .tickets }
    let wanted = watched.first { request.key == nil || $0.key == request.key }
    guard let metric = wanted, case .tickets(let forecast) = metric.measure else {
      let keys = watched.isEmpty ? "none" : watched.map(\.key).joined(separator: ", ")
      let name = request.key.map { " \"\($0)\"" } ?? ""
      throw Problem.notFound(
        "metric-not-found", title: "no such tickets metric",
        "\(launch) has no tickets metric\(name); its tickets metrics are: \(keys)")
    }
    let attempt =
      try LaunchRepository(db).attempts(of: launch).last ?? Attempt(number: 1, startedAt: now, knownSince: now)
    var evidence = MetricEvidence(tickets: try signals.tickets(db, upTo: .max))
    evidence.zone = try ZoneRules(known.timeZone)
    evidence.earlierLaunches = try EarlierLaunches(db, upTo: nil).all(
      before: attempt.startedAt, but: launch, until: nil)
    key = metric.key
    simulation = evidence.watch(forecast, in: attempt.window(days: metric.days)).simulation
  }
}
