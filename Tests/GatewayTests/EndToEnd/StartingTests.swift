import LaunchModel
import TestSupport
import Testing

@testable import Gateway

@Suite("Starting the executables", .timeLimit(.minutes(5)))
struct StartingTests {
  @Test("Each executable says its own name", arguments: ServiceName.allCases)
  func help(service: ServiceName) async throws {
    let help = try await GatewayProcess(folder: "/").run("gonogo-\(service.rawValue)", ["--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("USAGE: gonogo-\(service.rawValue) "), "\(help.output)")
  }

  @Test("A run folder too long for a socket's path is said at once, with its length and the mend")
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
      #expect(bus.status == 65, "for whoever supervises it, a setting that another start does not mend")
    }
  }
}
