import Contract
import Foundation
import LaunchModel
import TestSupport
import Testing

@testable import Gateway

@Suite("Starting the executables", .timeLimit(.minutes(5)))
struct StartingTests {
  @Test("Each executable prints its own name", arguments: ServiceName.allCases)
  func help(service: ServiceName) async throws {
    let help = try await GatewayProcess(folder: "/").run("gonogo-\(service.rawValue)", ["--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("USAGE: gonogo-\(service.rawValue) "), "\(help.output)")
  }

  @Test("gonogo prints its version")
  func version() async throws {
    let outcome = try await GatewayProcess(folder: "/").run("gonogo", ["--version"])
    #expect(outcome.status == 0)
    #expect(outcome.output == "\(ProductVersion.current)\n")
  }

  @Test("A socket path that is too long is reported at once, with its length and the fix")
  func longPath() async throws {
    try await withTemporaryFolder { folder in
      let gonogo = GatewayProcess(folder: folder)
      let deep = "\(folder)/\(String(repeating: "deep", count: 25))"
      for words in [["up"], ["up", "--detach"]] {
        let up = try await gonogo.run(words: words + ["--run-dir", deep, "--data-dir", folder])
        #expect(up.status == ExitStatus.badInput.rawValue)
        #expect(up.errors.contains("at most 107; choose a shorter folder with --run-dir or GONOGO_RUN"), "\(up.errors)")
        #expect(up.errors.contains("bus.sock has \(deep.utf8.count + 9) bytes"), "\(up.errors)")
      }
      let bus = try await gonogo.run("gonogo-bus", ["--run", deep, "--data", folder])
      #expect(bus.status == 65, "its supervisor must not retry invalid settings")
    }
  }

  @Test(
    "Invalid settings are reported with their line and exit status, by up and by a service",
    arguments: [
      ("rnu: /tmp/x", "gonogo.yaml:3: /rnu: unknown field \"rnu\" (did you mean \"run\"?)"),
      ("log: {level: loud}", "/log/level: unknown log level \"loud\""), ("event: {bytes: 5}", "/event/bytes: "),
      ("listen: [a, b]", "/listen: must be a string"),
    ])
  func settings(line: String, words: String) async throws {
    try await withTemporaryFolder { folder in
      try "run: \(folder)/run\ndata: \(folder)/data\n\(line)\n"
        .write(toFile: folder + "/gonogo.yaml", atomically: true, encoding: .utf8)
      let gonogo = GatewayProcess(folder: folder)
      let up = try await gonogo.run("up", "--detach")
      #expect(up.status == ExitStatus.badInput.rawValue)
      #expect(up.errors.contains(words), "\(up.errors)")
      #expect(try await gonogo.run("gonogo-bus", []).status == 65)
    }
  }

  @Test("An error that only the service can detect ends up with the service's exit status and its new log lines")
  func clock() async throws {
    try await withTemporaryFolder { folder in
      try "run: \(folder)/run\ndata: \(folder)/data\nclock: yesterday\n"
        .write(toFile: folder + "/gonogo.yaml", atomically: true, encoding: .utf8)
      try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: true)
      try "an older line\n".write(toFile: folder + "/data/gonogo.log", atomically: true, encoding: .utf8)
      let up = try await GatewayProcess(folder: folder).run("up", "--detach")
      #expect(up.status == ExitStatus.badInput.rawValue)
      #expect(up.errors.contains("GONOGO_CLOCK"), "\(up.errors)")
      #expect(!up.errors.contains("an older line"))
    }
  }
}
