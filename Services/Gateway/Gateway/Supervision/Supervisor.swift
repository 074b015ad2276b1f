import Contract
import LaunchModel
import Messaging
import UnixSignals

/// Runs the bus and the services as child processes. The bus is started first and stopped last.
struct Supervisor: Sendable {
  let processes: [ServiceName: SupervisedProcess.Plan]
  let connections: ServiceConnections
  let log: LogForwarder
  let ledger: RestartLedger

  private enum Event: Sendable {
    case ended(ServiceName, SupervisedProcess.Outcome)
    case answers(ServiceName)
    case stopRequested(String)
    case nothing
  }

  private struct State {
    var running: Set<ServiceName> = []
    var answering: Set<ServiceName> = []
    var isStopping = false
    var failures: [String] = []
    /// The exit status for the first failure.
    var status = ExitStatus.unavailable
  }

  private let stopServices = Latch()
  private let stopBus = Latch()

  init(
    processes: [ServiceName: SupervisedProcess.Plan], connections: ServiceConnections, log: LogForwarder,
    ledger: RestartLedger
  ) {
    self.processes = processes
    self.connections = connections
    self.log = log
    self.ledger = ledger
  }

  /// Runs until a signal stops it or a process fails permanently.
  ///
  /// - Throws: `GatewayError` if a process failed.
  func run() async throws(GatewayError) {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
    let (failures, status) = await withTaskGroup(of: Event.self) { group in
      var state = State()
      group.addTask {
        for await signal in signals { return .stopRequested("\(signal)") }
        return .nothing
      }
      start(.bus, &state, &group)
      while let event = await group.next() {
        react(to: event, &state, &group)
        if state.isStopping, state.running.isEmpty { group.cancelAll() }
      }
      return (state.failures, state.status)
    }
    guard failures.isEmpty else { throw GatewayError(status, failures) }
  }

  private func react(to event: Event, _ state: inout State, _ group: inout TaskGroup<Event>) {
    switch event {
    case .answers(let service):
      state.answering.insert(service)
      guard !state.isStopping else { return }
      if service == .bus {
        for other in ServiceName.allCases where other != .bus { start(other, &state, &group) }
      }
      if state.answering.count == processes.count { log.note("everything is up", .good) }
    case .ended(let service, let outcome):
      state.running.remove(service)
      if case .failed(let reason, let status) = outcome {
        if state.failures.isEmpty { state.status = status }
        state.failures.append("\(service.rawValue): \(reason)")
        log.note("\(service.rawValue): \(reason)", .bad)
        stop(&state)
      }
      if state.isStopping, state.running.subtracting([.bus]).isEmpty { stopBus.open() }
    case .stopRequested(let signal):
      log.note("stopping (\(signal))")
      stop(&state)
    case .nothing: break
    }
  }

  private func start(_ service: ServiceName, _ state: inout State, _ group: inout TaskGroup<Event>) {
    guard let plan = processes[service] else { return }
    state.running.insert(service)
    var process = SupervisedProcess(plan: plan, stop: service == .bus ? stopBus : stopServices, log: log)
    process.report = { [ledger, log] report in
      let failure =
        switch report {
        case .waiting(let ends, let reason, let delay): ledger.record(service, ends: ends, reason: reason, delay: delay)
        case .over: ledger.clear(service)
        }
      if let failure { log.note("cannot note the restarts for ps and doctor: \(failure)", .warning) }
    }
    let supervised = process
    group.addTask { .ended(service, await supervised.run()) }
    group.addTask { await connections.answers(service) ? .answers(service) : .nothing }
  }

  private func stop(_ state: inout State) {
    state.isStopping = true
    stopServices.open()
    if state.running.subtracting([.bus]).isEmpty { stopBus.open() }
  }
}

extension ServiceConnections {
  /// Waits until the service's process on this host answers.
  ///
  /// - Returns: false if the task was cancelled before that.
  func answers(_ service: ServiceName) async -> Bool {
    while !Task.isCancelled {
      // Whatever prevented the answer, the service is asked again; if its process ends, its supervision reports that.
      if (try? await answer(of: service, within: .seconds(1))) != nil { return true }
      do { try await Task.sleep(for: .milliseconds(50)) } catch { return false }
    }
    return false
  }

  /// Returns the answer of the service's process on this host to a ping; nil if there is none in time.
  ///
  /// - Throws: `GatewayError` if its endpoint cannot be used; `CancellationError`.
  func answer(of service: ServiceName, within timeout: Duration) async throws -> ServicePing? {
    do {
      return try await ownClient(of: service).call(ServiceRoutes.ping(service), NoParameters(), timeout: timeout)
    } catch is Problem {
      return nil
    }
  }
}
