import ArgumentParser
import Contract
import Glibc
import LaunchModel

struct Up: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "up", abstract: "Start the bus and the services, and keep them running.",
    discussion: """
      Their logs come on stderr. An interrupt, or gonogo down, stops the services first and the bus last. A process \
      that dies is started again; one that dies again and again is given up, with exit status 69.

      A clock of START@RATE begins at START and runs RATE times as fast as the wall clock: for trials, demos and tests.
      """)

  @Flag(help: "Start them in the background, and end when all of them answer.") var detach = false
  @Option(help: ArgumentHelp("Another clock than the system's, as 2027-03-02T14:00:00Z@60.", valueName: "start@rate"))
  var clock: String?
  @Option(help: ArgumentHelp("The folder of the services' stores; else $GONOGO_DATA.", valueName: "folder"))
  var dataDir: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    var settings = session.settings
    if let dataDir { settings.dataFolder = try Folder.absolute(dataDir) }
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
      throw GatewayError(.conflict, "gonogo is up here already (pid \(holder.pid)); gonogo down stops it")
    }
    try await refuseStrays(session)
    let supervisor = DetachedSupervisor(settings: settings, connections: session.connections)
    try await supervisor.withRunning {
      session.console.note("gonogo is up: run folder \(settings.runFolder), log \(supervisor.logFile)")
      // The supervisor goes on; to return from here would stop it.
      Glibc.exit(ExitStatus.success.rawValue)
    }
  }

  private static func supervise(_ settings: GatewaySettings, _ session: Session) async throws {
    try Folder.make(settings.runFolder)
    let hold = try SupervisorFile(runFolder: settings.runFolder).take(clock: settings.clock)
    try await refuseStrays(session)
    // A reader of the log that goes away must not take the system with it.
    signal(SIGPIPE, SIG_IGN)
    let log = LogForwarder(terminal: session.console.diagnostics)
    let plans = try Installation(settings: settings).plans(searching: ProcessEnvironment.current["PATH"])
    log.say("starting in \(settings.runFolder), stores in \(settings.dataFolder)")
    if let clock = settings.clock { log.say("the clock is not the system's: \(clock)", .warning) }
    try await Supervisor(processes: plans, connections: session.connections, log: log).run()
    withExtendedLifetime(hold) {}
  }

  /// Services that a killed supervisor has left behind would answer in place of those that are to be started.
  private static func refuseStrays(_ session: Session) async throws {
    var strays: [String] = []
    for service in ServiceName.allCases {
      // Without an answer there is no stray process.
      if let answer = try? await session.connections.ping(service, timeout: .seconds(1)) {
        strays.append("\(service.rawValue) (pid \(answer.pid))")
      }
    }
    guard strays.isEmpty else {
      throw GatewayError(
        .conflict, "\(strays.joined(separator: ", ")) run here without a supervisor; gonogo down stops them")
    }
  }

  /// `START@RATE`, or `START` for a clock at the usual rate, with the anchor of now.
  private static func setting(of text: String) throws -> String {
    do {
      let complete = text.contains("@") ? text : text + "@1"
      return try ScaledClock.setting(complete, anchoredAt: SystemClock().now())
    } catch {
      throw GatewayError(.usage, error.detail.isEmpty ? error.title : error.detail)
    }
  }
}
