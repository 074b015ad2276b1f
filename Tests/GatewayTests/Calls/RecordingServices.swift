import Contract
import JSON
import LaunchModel
import Logging
import Messaging
import StandardStreams
import Synchronization
import SystemPackage
import TestSupport
import ZeroMQ

@testable import Gateway

/// Services on real sockets that return a test's answers and record every call.
struct RecordingServices: Sendable {
  /// A received call.
  struct Call: Sendable {
    var service: ServiceName
    var method: String
    var params: JSONValue
    var meta: CallMeta
  }

  /// Calls these services; the bus's head is the number of times that it was requested.
  let session: Session
  fileprivate let log: CallLog
  /// The files with the output, and with warnings and notes.
  fileprivate let files: (output: String, diagnostics: String)

  /// The calls so far.
  var calls: [Call] { log.calls }

  /// The calls so far, as `SERVICE METHOD`.
  var methods: [String] { calls.map { "\($0.service.rawValue) \($0.method)" } }

  /// The output so far.
  func output() throws -> String { String(decoding: try InputFile(files.output).bytes(), as: UTF8.self) }

  /// The warnings and notes so far.
  func diagnostics() throws -> String { String(decoding: try InputFile(files.diagnostics).bytes(), as: UTF8.self) }
}

/// Runs the body with a session and recording services.
///
/// - Parameters:
///   - services: The running services; the others are unreachable.
///   - refusingHead: Whether `answer` answers `events.head` too.
///   - answer: The result of every other call.
func withRecordingServices<R: Sendable>(
  _ services: [ServiceName] = ServiceName.allCases, format: OutputFormat = .table, refusingHead: Bool = false,
  answer: @escaping @Sendable (RecordingServices.Call) throws -> JSONValue = { _ in [:] },
  _ body: @Sendable (RecordingServices) async throws -> R
) async throws -> R {
  try await withTemporaryFolder { folder in
    let log = CallLog()
    let handlers = services.map { RecordingHandler(service: $0, log: log, refusesHead: refusingHead, answer: answer) }
    return try await withServers(handlers, in: folder) {
      let files = ("\(folder)/output", "\(folder)/diagnostics")
      let descriptors = try [files.0, files.1].map { path in
        try FileDescriptor.open(FilePath(path), .writeOnly, options: .create, permissions: [.ownerReadWrite])
      }
      let settings = GatewaySettings(runFolder: folder, dataFolder: folder)
      let session = Session(
        settings: settings,
        console: Console(
          output: Terminal(TextStream(descriptor: descriptors[0].rawValue)),
          diagnostics: Terminal(TextStream(descriptor: descriptors[1].rawValue)), isQuiet: false),
        renderer: Renderer(format: format, style: .plain, width: nil), onBehalfOf: nil, timeout: .testTimeout,
        connections: ServiceConnections(settings: settings),
        headTimeout: services.contains(.bus) ? .testTimeout : .milliseconds(250))
      let result = try await body(RecordingServices(session: session, log: log, files: files))
      await session.connections.close()
      for descriptor in descriptors { try descriptor.close() }
      return result
    }
  }
}

/// Runs the body while the handlers answer on their sockets.
private func withServers<R: Sendable>(
  _ handlers: [RecordingHandler], in folder: String, _ body: () async throws -> R
) async throws -> R {
  let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  let reactor = try Reactor(logger: silence)
  do {
    let servers = try handlers.map { handler in
      RPCServer(
        reactor: reactor, endpoints: [try Endpoint(path: "\(folder)/\(handler.service.rawValue).sock")],
        service: handler.service, handler: handler, logger: silence)
    }
    for server in servers { try await server.bind() }
    let result = try await withThrowingTaskGroup(of: Void.self) { group in
      for server in servers { group.addTask { try await server.run() } }
      let result = try await body()
      for server in servers { server.beginShutdown() }
      try await group.waitForAll()
      return result
    }
    await reactor.shutdown()
    return result
  } catch {
    await reactor.shutdown()
    throw error
  }
}

/// The calls of all services in order of arrival.
private final class CallLog: Sendable {
  private let state = Mutex<[RecordingServices.Call]>([])

  var calls: [RecordingServices.Call] { state.withLock(\.self) }

  func append(_ call: RecordingServices.Call) { state.withLock { $0.append(call) } }
}

private struct RecordingHandler: CallHandler {
  let service: ServiceName
  let log: CallLog
  let refusesHead: Bool
  let answer: @Sendable (RecordingServices.Call) throws -> JSONValue

  func handle(_ call: IncomingCall) async throws -> CallReply {
    let recorded = RecordingServices.Call(
      service: service, method: call.method, params: try JSONValue(parsing: call.params), meta: call.meta)
    log.append(recorded)
    guard refusesHead || call.method != BusRoutes.head.method else {
      let heads = log.calls.count { $0.method == BusRoutes.head.method }
      return CallReply(result: try JSONCoding.encode(LogBounds(head: Int64(heads), first: 1)))
    }
    return CallReply(result: try answer(recorded).serialized())
  }
}
