import Messaging
import Subprocess
import SystemPackage
import StandardStreams

/// A process that is restarted when it ends, until it is stopped.
struct SupervisedProcess: Sendable {
  /// The executable to run, and how.
  struct Plan: Sendable, Hashable {
    /// The name in front of its log lines.
    var name: String
    var executable: String
    var arguments: [String] = []
    /// Variables to add to the supervisor's own environment.
    var environment: [String: String] = [:]
  }

  /// How the supervision of a process ended.
  enum Outcome: Sendable, Hashable {
    case stopped
    /// The process failed permanently: the reason, as a clause, and the exit status for it.
    case failed(String, ExitStatus)
  }

  let plan: Plan
  let stop: Latch
  let log: LogForwarder
  /// Is called for each restart soon after a start, and when such a series of restarts is over.
  var report: @Sendable (RestartReport) -> Void = { _ in }
  var policy = RestartPolicy()
  /// How long it may take to stop before it is killed.
  var grace = Duration.seconds(10)

  /// Runs the process, and restarts it when it ends, until `stop` opens or the process fails permanently.
  func run() async -> Outcome {
    var policy = policy
    while !stop.isOpen {
      let started = ContinuousClock.now
      let end = await runOnce(settledAfter: policy.settledAfter)
      if stop.isOpen { break }
      let duration = ContinuousClock.now - started
      switch policy.judge(end, ranFor: duration) {
      case .fail(let reason, let status):
        report(.over)
        return .failed(reason, status)
      case .restart(let delay):
        let series = policy.failures > 1 ? ", \(counted(policy.failures, "time")) in a row" : ""
        log.note(
          "\(plan.name) ended after \(duration.short) (\(end))\(series); restarting in \(delay.short)", .warning)
        if policy.failures > 1 { report(.waiting(ends: policy.failures, reason: "\(end)", delay: delay)) }
        do { try await stop.wait(until: .now + delay) } catch { return .stopped }
      }
    }
    return .stopped
  }

  private func runOnce(settledAfter: Duration) async -> RestartPolicy.End {
    var options = PlatformOptions()
    // The process has its own group, so an interrupt from the terminal reaches only the supervisor, which stops
    // processes in order.
    options.processGroupID = 0
    do {
      let result = try await Subprocess.run(
        .path(FilePath(plan.executable)), arguments: Arguments(plan.arguments),
        environment: .inherit.adding(plan.environment),
        platformOptions: options, input: .none, output: .sequence, error: .combinedWithOutput
      ) { execution in
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask {
            do { try await stop.wait() } catch { return }
            await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: grace)])
          }
          group.addTask {
            do { try await Task.sleep(for: settledAfter) } catch { return }
            report(.over)
          }
          for try await line in execution.standardOutput.strings() { log.forward(line, from: plan.name) }
          group.cancelAll()
        }
      }
      switch result.terminationStatus {
      case .exited(let status): return .exited(status)
      case .signaled(let number): return .signalled(number)
      }
    } catch let error as SubprocessError where error.code == .executableNotFound {
      return .notStarted("no executable \(plan.executable)")
    } catch {
      return .notStarted("cannot start \(plan.executable): \(error)")
    }
  }
}

/// A report about the restarts of a supervised process.
enum RestartReport: Sendable, Hashable {
  /// The process has ended soon after its start several times in a row, and will be started again after the delay.
  case waiting(ends: Int, reason: String, delay: Duration)
  /// The process has run for long enough, or will not be started again.
  case over
}

/// Decides whether a process that ended is restarted.
///
/// Attempts never stop if somebody may have caused the end or may resolve it: a kill, a store or socket that is in
/// use, a full disk, or a database server that is down. They only become less frequent.
struct RestartPolicy: Sendable, Hashable {
  /// How a process ended.
  enum End: Sendable, Hashable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)
    /// The process could not be started, for this reason.
    case notStarted(String)

    var description: String {
      switch self {
      case .exited(let status): "exit status \(status)"
      case .signalled(let number): "signal \(number)"
      case .notStarted(let reason): reason
      }
    }
  }

  /// How the supervisor reacts to the end of a process.
  enum Verdict: Sendable, Hashable {
    case restart(after: Duration)
    /// No restart; the reason, as a clause, and the exit status for it.
    case fail(String, ExitStatus)
  }

  /// The run time after which a start counts as successful, and the count of failures returns to zero.
  var settledAfter = Duration.seconds(10)
  /// How often in a row the process may fail soon after its start for reasons that are not expected to go away by
  /// themselves.
  var patience = 5
  var firstDelay = Duration.milliseconds(200)
  var longestDelay = Duration.seconds(30)

  /// The number of consecutive ends soon after a start.
  private(set) var failures = 0
  private var unexplained = 0

  init() {}

  /// Returns how to react to the end of a process that nobody asked to stop.
  mutating func judge(_ end: End, ranFor duration: Duration) -> Verdict {
    if duration >= settledAfter { (failures, unexplained) = (0, 0) }
    failures += 1
    if !Self.mayPass(end) { unexplained += 1 }
    if duration < settledAfter, let permanent = Self.permanentFailure(end) { return permanent }
    guard unexplained <= patience else {
      return .fail("failed \(failures) times in a row right after its start, last with \(end)", .unavailable)
    }
    let delay = (1..<failures).reduce(firstDelay) { delay, _ in min(longestDelay, delay * 2) }
    return .restart(after: delay)
  }

  /// Whether another start may succeed even if nobody changes a setting.
  private static func mayPass(_ end: End) -> Bool {
    switch end {
    case .signalled, .exited(69), .exited(74): true
    case .exited, .notStarted: false
    }
  }

  /// Returns the verdict for a failure that another start would certainly repeat; nil if another start may succeed.
  private static func permanentFailure(_ end: End) -> Verdict? {
    switch end {
    case .exited(64), .exited(65), .exited(78):
      .fail("failed to start (configuration error); see its last log lines above", .badInput)
    case .exited(77): .fail("failed to start (permission denied); see its last log lines above", .forbidden)
    case .notStarted(let reason): .fail(reason, .unavailable)
    case .exited, .signalled: nil
    }
  }
}

/// Writes the processes' log lines to stderr, each with the name of its process.
struct LogForwarder: Sendable {
  let terminal: Terminal

  /// The width of the name column: that of the longest name.
  private static let width = 9

  func forward(_ line: String, from name: String) {
    write(line, .plain, from: name)
  }

  /// Logs a line from the supervisor itself.
  func note(_ text: String, _ tone: Text.Tone = .plain) { write(text, tone, from: "gonogo") }

  private func write(_ line: String, _ tone: Text.Tone, from name: String) {
    let padding = String(repeating: " ", count: max(0, Self.width - name.count))
    terminal.writeLine(
      terminal.style.apply(.faint, to: "\(name)\(padding) |") + " " + terminal.style.apply(tone, to: line.printable))
  }
}

extension Duration {
  /// The duration in seconds, such as `0.4 s` or `12 s`.
  var short: String {
    let seconds = self / .seconds(1)
    return "\(seconds < 10 ? seconds.digits(1) : String(Int(seconds))) s"
  }
}

extension Environment {
  /// Returns the environment with these variables added or replaced.
  func adding(_ variables: [String: String]) -> Environment {
    let known = variables.compactMap { name, value in Key(rawValue: name).map { ($0, value as String?) } }
    return updating(Dictionary(known, uniquingKeysWith: { _, last in last }))
  }
}
