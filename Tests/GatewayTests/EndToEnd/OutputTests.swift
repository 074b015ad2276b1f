import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

@Suite("Output that cannot be written", .serialized)
struct OutputTests {
  /// Commands that need no services.
  private static let alone: [[String]] = [
    ["--version"], ["--help"], ["help", "launch", "propose"], ["item", "done", "--help"],
    ["--generate-completion-script", "bash"], ["ps"], ["ps", "-o", "json"], ["doctor"], ["doctor", "-o", "yaml"],
    ["keys", "new"],
  ]

  /// Commands that print what services answer, one of each kind of output.
  private static let asking: [[String]] = [
    ["ps"], ["ping", "bus"], ["launch", "list"], ["launch", "list", "-o", "json"], ["launch", "list", "-o", "yaml"],
    ["item", "list", "smart-routing"], ["item", "show", "smart-routing", "qa", "-o", "json"],
    ["template", "export"], ["template", "export", "-o", "json"], ["policy", "export"], ["calendar", "export"],
    ["event", "tail", "--after", "0", "--no-follow", "-o", "json"], ["event", "tail", "--after", "0"],
    ["event", "show", "1"], ["event", "quarantine", "list"], ["audit", "show", "smart-routing"], ["board"],
    ["ready", "smart-routing"], ["item", "comment", "smart-routing", "qa", "--message", "hello"],
  ]

  @Test("Every command that prints to a full disk reports it and exits with 74", .timeLimit(.minutes(5)))
  func fullDisk() async throws {
    try await withSampleInstallation { gonogo in
      for words in Self.alone { try await Self.expectLoss(words, gonogo) }
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      for words in Self.asking { try await Self.expectLoss(words, gonogo) }
      let gate = try await gonogo.run(words: ["gate", "smart-routing"], into: "/dev/full")
      #expect(gate.status == ExitStatus.no.rawValue, "lost output does not hide that the answer is no")
      #expect(gate.errors.contains("the output cannot be written"), "\(gate.errors)")
    }
  }

  @Test(
    "The services' executables report it too", .timeLimit(.minutes(2)),
    arguments: ["gonogo-bus", "gonogo-tiering", "gonogo-checklist", "gonogo-metrics", "gonogo-review"])
  func services(executable: String) async throws {
    try await withTemporaryFolder { folder in
      for words in [["--help"], ["--version"], ["help", "migrate"]] {
        let outcome = try await GatewayProcess(folder: folder).run(executable, words, into: "/dev/full")
        #expect(outcome.status == 74, "\(words)")
        #expect(
          outcome.errors.contains("\(executable): the output cannot be written: No space left on device"),
          "\(words): \(outcome.errors)")
      }
    }
  }

  @Test("Help on a command that a service's executable does not have is a usage error", .timeLimit(.minutes(2)))
  func helpTopic() async throws {
    try await withTemporaryFolder { folder in
      let outcome = try await GatewayProcess(folder: folder).run("gonogo-bus", ["help", "migrat\u{202E}e"])
      #expect(outcome.status == 64)
      #expect(outcome.errors == "gonogo-bus: no command \"migrat·e\" (did you mean \"migrate\"?)\n")
    }
  }

  @Test("If the reader of a pipe goes away, the command ends silently", .timeLimit(.minutes(2)))
  func closedPipe() async throws {
    try await withTemporaryFolder { folder in
      for prefix in ["", "trap '' PIPE; "] {
        let gonogo = BuiltProducts.executable("gonogo")
        let script = "\(prefix)( sleep 0.2; '\(gonogo)' help item done; echo $? >&2 ) | true"
        let result = try await Subprocess.run(
          .path("/bin/sh"), arguments: ["-c", script], workingDirectory: FilePath(folder),
          output: .string(limit: 1_000),
          error: .string(limit: 10_000))
        let status = result.standardError.split(separator: "\n").map(String.init)
        #expect(status == ["0"] || status == ["141"], "\(result.standardError)")
      }
    }
  }

  @Test("A command that is started without stdout does not write its result elsewhere", .timeLimit(.minutes(2)))
  func noStandardOutput() async throws {
    try await withTemporaryFolder { folder in
      let gonogo = BuiltProducts.executable("gonogo")
      let result = try await Subprocess.run(
        .path("/bin/sh"), arguments: ["-c", "'\(gonogo)' --version >&-; echo $?"],
        workingDirectory: FilePath(folder), output: .string(limit: 1_000), error: .string(limit: 10_000))
      #expect(result.standardOutput == "74\n")
      #expect(result.standardError.contains("the output cannot be written: Bad file descriptor"))
    }
  }

  private static func expectLoss(_ words: [String], _ gonogo: GatewayProcess) async throws {
    let outcome = try await gonogo.run(words: words, into: "/dev/full")
    #expect([1, 74].contains(outcome.status), "gonogo \(words.joined(separator: " ")): \(outcome.status)")
    #expect(
      outcome.errors.contains("error: the output cannot be written: No space left on device"),
      "gonogo \(words.joined(separator: " ")): \(outcome.errors)")
  }
}
