import Glibc
import LaunchModel
import Subprocess
import SystemPackage

/// Another `gonogo up`, as a process of its own.
struct DetachedSupervisor: Sendable {
  let settings: GatewaySettings
  let connections: ServiceConnections
  /// How long all services may take to answer.
  var patience = Duration.seconds(60)

  /// Where what is logged goes.
  var logFile: String { "\(settings.dataFolder)/gonogo.log" }

  /// Runs a supervisor in the background while the body runs, from when every service answers; stops it afterwards.
  ///
  /// - Throws: `GatewayError` where it does not come up; what the body throws.
  func withRunning(_ body: @escaping @Sendable () async throws -> Void) async throws {
    guard let executable = ProcessRecord.ownExecutable else {
      throw GatewayError(.unavailable, "/proc cannot be read, and gonogo up needs it")
    }
    try Folder.make(settings.dataFolder)
    let (log, logStart) = try openLog()
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(30))]
    let result = try await Subprocess.run(
      .path(FilePath(executable)), arguments: ["up", "--run-dir", settings.runFolder],
      environment: .inherit.adding(settings.environment), platformOptions: options, input: .none,
      output: .fileDescriptor(log, closeAfterSpawningProcess: true), error: .combinedWithOutput
    ) { execution -> GatewayError? in
      do {
        try await awaitServices(of: execution.processIdentifier.value, logStart)
        try await body()
      } catch {
        await stop(execution)
        guard let failure = error as? GatewayError, failure.status == .unavailable else { throw error }
        return failure
      }
      await stop(execution)
      return nil
    }
    switch (result.closureResult, result.terminationStatus) {
    case (nil, .exited(0)): return
    case (let failure?, .exited(let status)):
      throw GatewayError(ExitStatus(rawValue: status) ?? failure.status, failure.messages, faults: failure.faults)
    case (let failure?, .signaled): throw failure
    case (nil, let end): throw GatewayError(.unavailable, "the supervisor has failed (\(end)); see \(logFile)")
    }
  }

  /// Opens the log, and returns where in it this run begins.
  private func openLog() throws(GatewayError) -> (FileDescriptor, start: Int64) {
    do {
      let log = try FileDescriptor.open(
        FilePath(logFile), .writeOnly, options: [.create, .append, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead])
      return (log, try log.seek(offset: 0, from: .end))
    } catch {
      throw GatewayError(
        .forbidden, "\(logFile) cannot be written: \(error); choose another folder with --data-dir or GONOGO_DATA")
    }
  }

  private func stop<Input, Output, Fault>(_ execution: Execution<Input, Output, Fault>) async {
    await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(30))])
  }

  /// Waits until every service answers, and the supervisor still runs.
  ///
  /// - Parameter logStart: where in the log it begins.
  private func awaitServices(of pid: Int32, _ logStart: Int64) async throws {
    let deadline = ContinuousClock.now + patience
    for service in ServiceName.allCases {
      while try await !answers(service) {
        guard ProcessRecord(pid: pid) != nil else {
          throw GatewayError(
            .unavailable, ["gonogo up has failed; above is the end of \(logFile)"], faults: lastLines(since: logStart))
        }
        guard ContinuousClock.now < deadline else {
          throw GatewayError(.timedOut, "\(service.rawValue) does not answer after \(patience.short); see \(logFile)")
        }
        try await Task.sleep(for: .milliseconds(30))
      }
    }
  }

  /// Whether the service's process on this host answers.
  ///
  /// - Throws: `GatewayError` if its endpoint cannot be used; `CancellationError`.
  private func answers(_ service: ServiceName) async throws -> Bool {
    do {
      _ = try await connections.ping(service, timeout: .seconds(1))
      return true
    } catch is CallError {
      return false
    }
  }

  private func lastLines(since start: Int64) -> [String] {
    // The failure is reported with or without the log's last lines.
    guard let bytes = try? InputFile(logFile).bytes() else { return [] }
    return String(decoding: bytes.dropFirst(Int(start)), as: UTF8.self).split(separator: "\n").suffix(8).map(
      String.init)
  }
}

extension Environment {
  /// With these variables beside or in place of its own.
  func adding(_ variables: [String: String]) -> Environment {
    let known = variables.compactMap { name, value in Key(rawValue: name).map { ($0, value as String?) } }
    return updating(Dictionary(known, uniquingKeysWith: { _, last in last }))
  }
}
