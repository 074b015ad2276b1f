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
}
