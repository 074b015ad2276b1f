import Messaging
import Subprocess
import SystemPackage

/// One process that is kept running until it is to stop.
struct SupervisedProcess: Sendable {
  /// What is run, and how.
  struct Plan: Sendable, Hashable {
    /// By which its log lines are marked.
    var name: String
    var executable: String
    var arguments: [String] = []
    /// Added to the supervisor's own environment.
    var environment: [String: String] = [:]
  }

  /// How it came to an end.
  enum Outcome: Sendable, Hashable {
    case stopped
    /// For the reason, a sentence, and with the status that this ends with.
    case gaveUp(String, ExitStatus)
  }

  let plan: Plan
  let stop: Latch
  let log: LogForwarder
  var policy = RestartPolicy()
  /// How long it may take to stop before it is killed.
  var grace = Duration.seconds(10)

  /// Runs it, again and again, until `stop` opens or there is no hope.
  func run() async -> Outcome {
    var policy = policy
    while !stop.isOpen {
      let started = ContinuousClock.now
      let end = await runOnce()
      if stop.isOpen { break }
      let duration = ContinuousClock.now - started
      switch policy.judge(end, ranFor: duration) {
      case .giveUp(let reason, let status): return .gaveUp(reason, status)
      case .restart(let delay):
        log.say(
          "\(plan.name) has ended after \(duration.short) by \(end); starting it again in \(delay.short)", .warning)
        do { try await stop.wait(until: .now + delay) } catch { return .stopped }
      }
    }
    return .stopped
  }

  private func runOnce() async -> RestartPolicy.End {
    var options = PlatformOptions()
    // A group of its own, so that an interrupt from the terminal reaches the supervisor alone, which keeps the order.
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
          for try await line in execution.standardOutput.strings() { log.forward(line, from: plan.name) }
          group.cancelAll()
        }
      }
      switch result.terminationStatus {
      case .exited(let status): return .exited(status)
      case .signaled(let number): return .signalled(number)
      }
    } catch let error as SubprocessError where error.code == .executableNotFound {
      return .notStarted("there is no executable \(plan.executable)")
    } catch {
      return .notStarted("\(plan.executable) could not be started: \(error)")
    }
  }
}

extension Duration {
  /// As `0.4 s` or `12 s`.
  var short: String {
    let seconds = self / .seconds(1)
    return "\(seconds < 10 ? seconds.digits(1) : String(Int(seconds))) s"
  }
}
