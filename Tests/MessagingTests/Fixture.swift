import Foundation
import JSON
import LaunchModel
import Logging
import Synchronization
import TestSupport
import Testing
import ZeroMQ

@testable import Messaging

/// Runs the body with a temporary folder whose path is short enough for sockets, and removes it afterwards.
@discardableResult
func withFolder<R>(_ body: (String) async throws -> R) async throws -> R {
  let path = "/tmp/gonogo-\(UInt32.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs the body with a reactor, and shuts it down afterwards.
@discardableResult
func withReactor<R>(_ body: (Reactor) async throws -> R) async throws -> R {
  let reactor = try Reactor(logger: silent)
  do {
    let result = try await body(reactor)
    await reactor.shutdown()
    return result
  } catch {
    await reactor.shutdown()
    throw error
  }
}

/// A handler that calls a closure.
struct Answering: CallHandler {
  let answer: @Sendable (IncomingCall) async throws -> CallReply

  init(_ answer: @escaping @Sendable (IncomingCall) async throws -> CallReply) { self.answer = answer }

  func handle(_ call: IncomingCall) async throws -> CallReply { try await answer(call) }

  /// Answers with the method, the parameters and the parts of the call.
  static let echo = Answering { call in
    let params = try JSONValue(parsing: call.params)
    return CallReply(
      result: JSONValue.object(["method": .string(call.method), "params": params]).serialized(), parts: call.parts)
  }
}

/// A running server, and the path that it is bound to.
struct Served: Sendable {
  let server: RPCServer
  let path: String
  let reactor: Reactor

  /// Returns a client of the server that waits for responses without a time limit.
  func client(
    _ configuration: RPCClient.Configuration = RPCClient.Configuration(patience: .testTimeout),
    on reactor: Reactor? = nil
  ) throws -> RPCClient {
    RPCClient(
      reactor: reactor ?? self.reactor, service: .tiering, endpoints: [try Endpoint(path: path)],
      configuration: configuration, logger: silent)
  }
}

/// Runs a server around the body, and drains it afterwards.
@discardableResult
func withServer<R: Sendable>(
  _ handler: any CallHandler = Answering.echo, batchHandler: (any CallBatchHandler)? = nil,
  configuration: RPCServer.Configuration = RPCServer.Configuration(),
  _ body: @Sendable @escaping (Served) async throws -> R
) async throws -> R {
  try await withFolder { folder in
    try await withReactor { reactor in
      let path = folder + "/s.sock"
      return try await withServer(
        at: path, on: reactor, handler, batchHandler: batchHandler, configuration: configuration, body)
    }
  }
}

/// Runs a server at a path around the body, and drains it afterwards.
@discardableResult
func withServer<R: Sendable>(
  at path: String, on reactor: Reactor, _ handler: any CallHandler = Answering.echo,
  batchHandler: (any CallBatchHandler)? = nil, configuration: RPCServer.Configuration = RPCServer.Configuration(),
  _ body: @Sendable @escaping (Served) async throws -> R
) async throws -> R {
  let server = RPCServer(
    reactor: reactor, endpoints: [try Endpoint(path: path)], service: .tiering, configuration: configuration,
    handler: handler, batchHandler: batchHandler, logger: silent)
  try await server.bind()
  return try await withThrowingTaskGroup(of: R?.self) { group in
    group.addTask {
      try await server.run()
      return nil
    }
    group.addTask {
      defer { server.beginShutdown() }
      return try await body(Served(server: server, path: path, reactor: reactor))
    }
    var result: R?
    while let next = try await group.next() { result = next ?? result }
    return try #require(result)
  }
}

extension Latch {
  /// Waits until it is open; fails the test if it is not within a minute.
  func opens() async throws {
    let isOpen = try await wait(until: .now + .testTimeout)
    try #require(isOpen, "the latch was not opened in time")
  }
}

/// A count that tests can wait for.
final class Tally: Sendable {
  private let gate = MonotonicCounter()
  private let counter = Mutex<Int64>(0)

  var count: Int { Int(gate.value) }

  @discardableResult
  func add() -> Int {
    let count = counter.withLock { counter in
      counter += 1
      gate.advance(to: counter)
      return counter
    }
    return Int(count)
  }

  /// Waits for the given count; records an issue after a minute.
  func reaches(_ count: Int) async throws {
    let isReached = try await gate.wait(for: Int64(count), until: .now + .seconds(60))
    #expect(isReached, "\(self.count) of \(count) within a minute")
  }
}

/// Waits until the condition holds; fails the test if it does not within a minute.
func eventually(
  _ what: String, _ location: SourceLocation = #_sourceLocation, _ condition: () -> Bool
) async throws {
  let deadline = ContinuousClock.now + .testTimeout
  while !condition() {
    try #require(.now < deadline, "in time: \(what)", sourceLocation: location)
    // What is waited for needs the thread more.
    try await Task.sleep(for: .milliseconds(5))
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Expects a problem with that code, and returns it.
@discardableResult
func problem(
  _ code: String, _ location: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
) async -> Problem? {
  do {
    try await body()
    Issue.record("expected the problem \(code), but nothing was thrown", sourceLocation: location)
  } catch let problem as Problem {
    #expect(problem.code == code, "\(problem)", sourceLocation: location)
    return problem
  } catch {
    Issue.record("expected the problem \(code), got \(error)", sourceLocation: location)
  }
  return nil
}

extension OffsetWaiter {
  /// Waits until the offset is reached; records an issue after a minute.
  func reaches(_ offset: Int64, _ location: SourceLocation = #_sourceLocation) async throws {
    let isReached = try await wait(for: offset, until: .now + .seconds(60))
    #expect(isReached, "\(self.offset) of \(offset) within a minute", sourceLocation: location)
  }
}
