import Foundation
import Logging
import Synchronization
import Testing

@testable import ZeroMQ

/// Runs the body with a temporary folder whose path is short enough for sockets, and removes it afterwards.
@discardableResult
func withFolder<R>(_ body: (String) async throws -> R) async throws -> R {
  let path = "/tmp/gonogo-\(UInt32.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

/// Runs the body with a reactor, and shuts it down afterwards.
@discardableResult
func withReactor<R>(_ body: (Reactor) async throws -> R) async throws -> R {
  let reactor = try Reactor(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  do {
    let result = try await body(reactor)
    await reactor.shutdown()
    return result
  } catch {
    await reactor.shutdown()
    throw error
  }
}

/// Elements from a reactor that a test can wait for.
final class Inbox<Element: Sendable>: Sendable {
  private let stream: AsyncStream<Element>
  private let sink: AsyncStream<Element>.Continuation
  private let counted = Mutex(0)
  private let retained = Mutex<[any Sendable]>([])

  init() { (stream, sink) = AsyncStream.makeStream(of: Element.self) }

  func put(_ element: Element) {
    counted.withLock { $0 += 1 }
    sink.yield(element)
  }

  /// Retains an object for the lifetime of the inbox.
  func retain(_ object: any Sendable) { retained.withLock { $0.append(object) } }

  /// How many elements have arrived, whether taken or not.
  var count: Int { counted.withLock(\.self) }

  /// The next element; records an issue if none arrives within a minute.
  func next(where matches: @escaping @Sendable (Element) -> Bool = { _ in true }) async throws -> Element {
    let stream = stream
    let found = await withTaskGroup(of: Element?.self) { group in
      group.addTask {
        for await element in stream where matches(element) { return element }
        return nil
      }
      group.addTask {
        // The limit of the wait, which a passing test never reaches.
        try? await Task.sleep(for: .seconds(60))
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
    return try #require(found, "no element arrived within a minute")
  }
}

extension Reactor {
  /// Binds a socket that puts whole messages into the inbox.
  func bind(_ path: String, into inbox: Inbox<InboundMessage>, limits: SocketLimits = SocketLimits()) async throws
    -> ServerSocket
  {
    try await bind([try Endpoint(path: path)], limits: limits) { for message in $0 { inbox.put(message) } }
  }

  /// Connects a socket that puts messages and changes into the inboxes, and lives until the reactor is shut down.
  @discardableResult
  func connect(
    _ path: String, into inbox: Inbox<InboundMessage> = Inbox(), changes: Inbox<ConnectionChange> = Inbox()
  ) throws -> ClientSocket {
    let client = try #require(
      try connect(
        Endpoint(path: path), messages: { for message in $0 { inbox.put(message) } }, change: { changes.put($0) }))
    inbox.retain(client)
    return client
  }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
