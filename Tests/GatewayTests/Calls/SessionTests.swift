import JSON
import Contract
import LaunchModel
import Logging
import Messaging
import SystemPackage
import TestSupport
import Testing
import ZeroMQ

@testable import Gateway

@Suite("Calls of a command")
struct SessionTests {
  /// Refuses everything, as a service does to who is on no roster.
  private struct Refusing: CallHandler {
    func handle(_ call: IncomingCall) async throws -> CallReply { throw Problem.forbidden("uid:4242 is on no roster") }
  }

  @Test("Who is on no roster is told so, and not that the bus does not answer")
  func strangers() async throws {
    try await withTemporaryFolder { folder in
      let reactor = try Reactor(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      let servers = try [ServiceName.bus, .tiering].map { name in
        RPCServer(
          reactor: reactor, endpoints: [try Endpoint(path: "\(folder)/\(name.rawValue).sock")], service: name,
          handler: Refusing(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      }
      for server in servers { try await server.bind() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for server in servers { group.addTask { try await server.run() } }
        let said = "\(folder)/said"
        let file = try FileDescriptor.open(
          FilePath(said), .writeOnly, options: .create, permissions: [.ownerReadWrite])
        let settings = GatewaySettings(runFolder: folder, dataFolder: folder)
        let session = Session(
          settings: settings,
          console: Console(output: .nowhere, diagnostics: Terminal(descriptor: file.rawValue), isQuiet: false),
          renderer: Renderer(format: .json, style: .plain, width: nil), onBehalfOf: nil, timeout: .testTimeout,
          connections: ServiceConnections(settings: settings), headTimeout: .testTimeout)
        let failure = await #expect(throws: CallError.self) {
          _ = try await session.call(TieringRoutes.list, LaunchFilter())
        }
        #expect(failure.map { GatewayError($0).status } == .forbidden)
        #expect(failure?.busAnswered == true)
        #expect(try InputFile(said).bytes().isEmpty, "no warning stands before it")
        await session.connections.close()
        for server in servers { server.beginShutdown() }
        try await group.waitForAll()
        try file.close()
      }
      await reactor.shutdown()
    }
  }
}
