import Glibc
import LaunchModel
import Subprocess
import SystemPackage

/// Another `gonogo up`, run as a background process in its own session.
struct DetachedSupervisor: Sendable {
  let settings: GatewaySettings
  let connections: ServiceConnections
  /// How long after the start until every service must have answered.
  var patience = Duration.seconds(60)
  /// How long the supervisor may take to stop everything before it is killed.
  var grace = Duration.seconds(30)
  /// How often a service may end soon after its start before everything is stopped again.
  var mostEnds = 6

  /// The supervisor's log file.
  var logFile: String { "\(settings.dataFolder)/gonogo.log" }

  /// Starts the supervisor, and returns when every service answers. It outlives this process unless it is stopped.
  ///
  /// - Throws: `GatewayError` if the services do not come up; the supervisor has been stopped then.
  func start() async throws -> BackgroundProcess {
    guard let executable = ProcessRecord.ownExecutable else {
      throw GatewayError(.unavailable, "cannot read /proc, which gonogo up needs; mount it")
    }
    try requireRoom()
    try Folder.make(settings.dataFolder)
    let (log, logStart) = try openLog()
    let process: BackgroundProcess
    do {
      process = try log.closeAfter {
        try BackgroundProcess(
          executable, ["up", "--run-dir", settings.runFolder], adding: settings.environment, output: log)
      }
    } catch {
      throw GatewayError(.unavailable, "cannot start \(executable): \(error)")
    }
    do {
      try await awaitServices(of: process, logStart)
    } catch {
      let end = await process.stop(within: grace)
      // The supervisor's exit status is more informative than a missing answer.
      guard var failure = error as? GatewayError, failure.status == .unavailable, case .exited(let status) = end,
        let reason = ExitStatus(rawValue: status), reason != .success
      else { throw error }
      failure.status = reason
      throw failure
    }
    return process
  }

  /// Runs the body once every service of a supervisor answers, and then stops the supervisor.
  ///
  /// - Parameter keepingUp: whether it keeps running after the body succeeds.
  /// - Throws: `GatewayError` if the services do not come up or the supervisor fails while stopping; the body's errors.
  func withRunning(keepingUp: Bool = false, _ body: () async throws -> Void) async throws {
    let process = try await start()
    do {
      try await body()
    } catch {
      _ = await process.stop(within: grace)
      throw error
    }
    guard !keepingUp else { return }
    let end = await process.stop(within: grace)
    guard end == .exited(0) else {
      throw GatewayError(.unavailable, "the supervisor ended with \(end); see \(logFile)")
    }
  }

  /// Opens the log; returns it with the position at which this run's part begins.
  private func openLog() throws(GatewayError) -> (FileDescriptor, start: Int64) {
    do {
      let log = try FileDescriptor.open(
        FilePath(logFile), .writeOnly, options: [.create, .append, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead])
      return (log, try log.seek(offset: 0, from: .end))
    } catch {
      throw GatewayError(
        .forbidden, "cannot write \(logFile): \(error); choose another folder with --data-dir or GONOGO_DATA")
    }
  }

  /// Throws unless there is enough disk space for the services to start. Otherwise they would be restarted again and
  /// again unnoticed, because on a full disk not even the failure can be recorded.
  private func requireRoom() throws(GatewayError) {
    for folder in [settings.dataFolder, settings.runFolder] {
      guard let room = DiskRoom(of: folder), room.isFull else { continue }
      throw GatewayError(.unavailable, "\(room.fullMessage); free up space and run gonogo up again")
    }
  }

  /// Waits until every service answers, or the supervisor ends.
  private func awaitServices(of process: BackgroundProcess, _ logStart: Int64) async throws {
    let deadline = ContinuousClock.now + patience
    for service in ServiceName.allCases {
      while try await connections.answer(of: service, within: .seconds(1)) == nil {
        guard ProcessRecord(pid: process.pid) != nil else {
          throw GatewayError(
            .unavailable, ["gonogo up failed; the lines above are the end of \(logFile)"],
            faults: lastLines(since: logStart))
        }
        if let restarts = RestartLedger.current(runFolder: settings.runFolder).first(where: { $0.ends >= mostEnds }) {
          let ended = "\(restarts.service.rawValue) \(restarts.endsSummary)"
          throw GatewayError(
            .unavailable, ["\(ended), so all were stopped; run gonogo up again once it can start"],
            faults: lastLines(since: logStart))
        }
        try requireRoom()
        guard ContinuousClock.now < deadline else {
          throw GatewayError(.timedOut, "\(service.rawValue) did not answer within \(patience.short); see \(logFile)")
        }
        try await Task.sleep(for: .milliseconds(30))
      }
    }
  }

  private func lastLines(since start: Int64) -> [String] {
    // The failure is reported even if the end of the log cannot be read.
    guard let bytes = try? InputFile(logFile).bytes() else { return [] }
    return String(decoding: bytes.dropFirst(Int(start)), as: UTF8.self).split(separator: "\n").suffix(8).map(
      String.init)
  }
}

/// A child process that may outlive this one. `Subprocess` cannot be used, because it waits for its processes to end.
struct BackgroundProcess: Sendable {
  let pid: Int32

  /// Starts the executable in its own session, without input, and with all output written to the file.
  ///
  /// - Throws: `Errno` if it cannot be started.
  init(_ executable: String, _ arguments: [String], adding variables: [String: String], output: FileDescriptor)
    throws(Errno)
  {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.rawValue, 1)
    posix_spawn_file_actions_adddup2(&actions, output.rawValue, 2)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // It inherits neither this process's terminal nor the signals that this process ignores or blocks.
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(Self.newSession | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let environment = ProcessEnvironment.current.variables.merging(variables) { _, own in own }
    let entries = environment.map { name, value in "\(name)=\(value)" }
    var child: pid_t = 0
    let code = Self.withCStrings([executable] + arguments) { arguments in
      Self.withCStrings(entries) { entries in
        posix_spawn(&child, executable, &actions, &attributes, arguments, entries)
      }
    }
    guard code == 0 else { throw Errno(rawValue: code) }
    pid = child
  }

  /// `POSIX_SPAWN_SETSID`, which spawn.h defines only for `_GNU_SOURCE`.
  private static let newSession: Int32 = 0x80

  /// Asks the process to stop, kills it if that takes too long, and waits for its end, even in a cancelled task.
  func stop(within grace: Duration) async -> RestartPolicy.End {
    // An unstructured task does not inherit the cancellation.
    await Task {
      kill(pid, SIGTERM)
      let deadline = ContinuousClock.now + grace
      var isKilled = false
      while true {
        if let end = end() { return end }
        if ContinuousClock.now >= deadline, !isKilled {
          kill(pid, SIGKILL)
          isKilled = true
        }
        do { try await Task.sleep(for: .milliseconds(20)) } catch { return .notStarted("exit status unknown") }
      }
    }.value
  }

  /// Returns how the process ended; nil while it runs.
  private func end() -> RestartPolicy.End? {
    var status: Int32 = 0
    let reaped = waitpid(pid, &status, WNOHANG)
    guard reaped != 0 else { return nil }
    // Something else has reaped the process, so it has ended.
    guard reaped == pid else { return .exited(0) }
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }

  /// Runs the body with a null-terminated array of C strings.
  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}
