import ArgumentParser
import Contract
import Glibc
import LaunchModel

struct Up: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "up", abstract: "Start the bus and the services, and keep them running.",
    discussion: """
      Logs go to stderr. An interrupt, or gonogo down, stops the services first and the bus last. A process that dies \
      is restarted, after at most 30 s, and gonogo ps shows how often it ended. If one keeps failing for a reason that \
      a restart cannot fix, all are stopped, and the exit status reflects that reason.

      --clock START@RATE runs on a clock that starts at START and runs RATE times as fast as the wall clock, for \
      trials, demos and tests.
      """,
    examples: [
      "gonogo up",
      "gonogo up --detach --clock 2027-01-13T14:00:00Z@1",
    ])

  @Flag(help: "Run in the background; return once every service answers.") var detach = false
  @Option(help: ArgumentHelp("Simulated clock, e.g. 2027-03-02T14:00:00Z@60.", valueName: "start@rate"))
  var clock: String?
  @OptionGroup var stores: DataFolderOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    var settings = try stores.applied(to: session.settings)
    if let clock { settings.clock = try Self.setting(of: clock) }
    for service in ServiceName.allCases { _ = try session.connections.client(of: service) }
    if detach {
      try await Self.detach(settings, session)
    } else {
      try await Self.supervise(settings, session)
    }
  }

  private static func detach(_ settings: GatewaySettings, _ session: Session) async throws {
    if let holder = try SupervisorFile(runFolder: settings.runFolder).holder() {
      throw SupervisorFile.alreadyHeld(by: holder)
    }
    try await refuseStrays(session)
    let supervisor = DetachedSupervisor(settings: settings, connections: session.connections)
    _ = try await supervisor.start()
    session.console.note("gonogo is up: run folder \(settings.runFolder), log \(supervisor.logFile)")
  }

  private static func supervise(_ settings: GatewaySettings, _ session: Session) async throws {
    try Folder.make(settings.runFolder)
    let hold = try SupervisorFile(runFolder: settings.runFolder).take(clock: settings.clock)
    try await refuseStrays(session)
    // When a reader of the log goes away, the system must keep running.
    signal(SIGPIPE, SIG_IGN)
    let log = LogForwarder(terminal: session.console.diagnostics)
    let plans = try Installation(settings: settings).plans(searching: ProcessEnvironment.current["PATH"])
    log.note("starting in \(settings.runFolder), stores in \(settings.dataFolder)")
    if let clock = settings.clock { log.note("simulated clock: \(clock)", .warning) }
    let ledger = RestartLedger(runFolder: settings.runFolder)
    if let failure = ledger.reset() { log.note("cannot note restarts for ps and doctor: \(failure)", .warning) }
    try await Supervisor(processes: plans, connections: session.connections, log: log, ledger: ledger).run()
    withExtendedLifetime(hold) {}
  }

  /// Throws if services that a killed supervisor left running would answer instead of the new ones.
  private static func refuseStrays(_ session: Session) async throws {
    var strays: [String] = []
    for service in ServiceName.allCases {
      if let answer = try await session.connections.answer(of: service, within: .seconds(1)) {
        strays.append("\(service.rawValue) (pid \(answer.pid))")
      }
    }
    guard strays.isEmpty else {
      throw GatewayError(
        .conflict, "already running without a supervisor: \(strays.joined(separator: ", ")); stop them with gonogo down"
      )
    }
  }

  /// Returns the clock setting for `START@RATE`, or for `START` at the default rate, anchored at the current time.
  private static func setting(of text: String) throws -> String {
    do {
      let complete = text.contains("@") ? text : text + "@1"
      return try ScaledClock.setting(complete, anchoredAt: SystemClock().now())
    } catch {
      throw GatewayError(.usage, error.detail.isEmpty ? error.title : error.detail)
    }
  }
}

/// The folder of the services' stores.
struct DataFolderOption: ParsableArguments {
  @Option(help: ArgumentHelp("Folder of the services' stores; overrides $GONOGO_DATA.", valueName: "folder"))
  var dataDir: String?

  /// Returns the settings with this folder, if it was given.
  func applied(to settings: GatewaySettings) throws(GatewayError) -> GatewaySettings {
    guard let dataDir else { return settings }
    var settings = settings
    settings.dataFolder = try Folder.absolute(dataDir)
    return settings
  }
}
