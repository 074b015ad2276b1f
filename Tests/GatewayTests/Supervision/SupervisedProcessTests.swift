import Foundation
import Glibc
import Messaging
import StandardStreams
import Synchronization
import TestSupport
import Testing

@testable import Gateway

@Suite("Supervised processes")
struct SupervisedProcessTests {
  /// A supervised shell script with its forwarded log in a file.
  private struct Subject {
    let folder: String
    let process: SupervisedProcess
    private let descriptor: CInt

    init(_ folder: String, script: String, policy: RestartPolicy = .impatient, grace: Duration = .seconds(20)) {
      self.folder = folder
      descriptor = open("\(folder)/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
      process = SupervisedProcess(
        plan: .init(name: "child", executable: "/bin/sh", arguments: ["-c", script], environment: ["FOLDER": folder]),
        stop: Latch(), log: LogForwarder(terminal: Terminal(TextStream(descriptor: descriptor))), policy: policy,
        grace: grace)
    }

    var log: [String] {
      let text = (try? InputFile("\(folder)/log").bytes()).map { String(decoding: $0, as: UTF8.self) } ?? ""
      return text.split(separator: "\n").map(String.init)
    }

    /// Waits until the child has written the file.
    func await(_ file: String) async throws {
      while !FileManager.default.fileExists(atPath: "\(folder)/\(file)") { await Task.yield() }
    }
  }

  @Test("Lines from stdout and stderr are forwarded with the process's name", .timeLimit(.minutes(1)))
  func forwards() async throws {
    try await withTemporaryFolder { folder in
      let subject = Subject(folder, script: "echo one; echo two >&2; exit 65")
      #expect(
        await subject.process.run()
          == .failed("failed to start (configuration error); see its last log lines above", .badInput))
      #expect(subject.log == ["child     | one", "child     | two"])
    }
  }

  @Test("A process that dies is restarted, and fails if it keeps dying", .timeLimit(.minutes(1)))
  func givesUp() async throws {
    try await withTemporaryFolder { folder in
      let subject = Subject(folder, script: "echo started; exit 70")
      let outcome = await subject.process.run()
      #expect(
        outcome
          == .failed("failed 3 times in a row right after its start, last with exit status 70", .unavailable))
      #expect(subject.log.count { $0 == "child     | started" } == 3)
    }
  }

  @Test("A process that is killed repeatedly is restarted, and each wait is reported", .timeLimit(.minutes(1)))
  func keepsTrying() async throws {
    try await withTemporaryFolder { folder in
      let reports = Mutex<[RestartReport]>([])
      var subject = Subject(folder, script: "echo started >> $FOLDER/starts; kill -9 $$").process
      let stop = subject.stop
      subject.report = { report in
        reports.withLock {
          $0.append(report)
          if $0.count == 8 { stop.open() }
        }
      }
      #expect(await subject.run() == .stopped)
      let waits = reports.withLock { $0 }.compactMap { report -> Int? in
        guard case .waiting(let ends, "signal 9", _) = report else { return nil }
        return ends
      }
      #expect(waits == Array(2...9))
    }
  }

  @Test("SIGTERM stops a process, and its last lines are forwarded", .timeLimit(.minutes(1)))
  func stops() async throws {
    try await withTemporaryFolder { folder in
      let script = "trap 'echo bye; exit 0' TERM; touch $FOLDER/ready; while :; do sleep 0.05; done"
      let subject = Subject(folder, script: script)
      async let outcome = subject.process.run()
      try await subject.await("ready")
      subject.process.stop.open()
      #expect(await outcome == .stopped)
      #expect(subject.log == ["child     | bye"])
    }
  }

  @Test("A process that does not stop is killed", .timeLimit(.minutes(1)))
  func kills() async throws {
    try await withTemporaryFolder { folder in
      let script = "trap '' TERM; touch $FOLDER/ready; while :; do sleep 0.05; done"
      let subject = Subject(folder, script: script, grace: .milliseconds(100))
      async let outcome = subject.process.run()
      try await subject.await("ready")
      subject.process.stop.open()
      #expect(await outcome == .stopped)
    }
  }

  @Test("A process does not share the terminal's process group", .timeLimit(.minutes(1)))
  func ownGroup() async throws {
    try await withTemporaryFolder { folder in
      let subject = Subject(folder, script: "echo $$ $(cut -d' ' -f5 /proc/$$/stat); exit 65")
      _ = await subject.process.run()
      let fields = subject.log.first?.split(separator: " ").suffix(2) ?? []
      #expect(fields.count == 2)
      #expect(fields.first == fields.last)
    }
  }

  @Test("A missing executable fails at once", .timeLimit(.minutes(1)))
  func missing() async throws {
    let process = SupervisedProcess(
      plan: .init(name: "child", executable: "/nowhere/child"), stop: Latch(),
      log: LogForwarder(terminal: Terminal(.diagnostics)))
    #expect(await process.run() == .failed("no executable /nowhere/child", .unavailable))
  }
}

extension RestartPolicy {
  /// Gives up after three failures with minimal delays.
  fileprivate static var impatient: RestartPolicy {
    var policy = RestartPolicy()
    policy.patience = 2
    policy.firstDelay = .milliseconds(1)
    return policy
  }
}
