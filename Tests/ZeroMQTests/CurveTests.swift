import CZeroMQ
import Foundation
import Logging
import Synchronization
import Testing

@testable import ZeroMQ

@Suite("TCP with CURVE") struct CurveTests {
  @Test("Admitted clients are identified by key on TCP, and by user on a Unix socket")
  func identity() async throws {
    try await withServer { server in
      let client = try await server.connect(server.friend)
      client.socket.send([[], bytes("hello")])
      let message = try await server.inbox.next()
      #expect(message.sender == .key(server.friend.publicKey))
      server.socket.send([OutboundMessage(peer: try #require(message.peer), frames: [[], bytes("welcome")])])
      #expect(try await client.inbox.next().frames == [[], bytes("welcome")])

      try server.reactor.connect(server.path).send([[], bytes("beside")])
      #expect(
        try await server.inbox.next().sender
          == .process(PeerCredentials(uid: geteuid(), gid: getegid(), pid: getpid())))
    }
  }

  @Test("A client whose key is not admitted gets an error, even if it was admitted before")
  func strangers() async throws {
    try await withServer { server in
      let stranger = try CurveKeyPair.generate()
      let refused = try await server.connect(stranger, until: { $0 != .connected })
      guard case .failed(let failure) = refused.change else {
        Issue.record("\(refused.change)")
        return
      }
      #expect(failure.reason == .permissionDenied)
      #expect(failure.detail.contains("people.yaml"))
      server.admitted.withLock { _ = $0.insert(stranger.publicKey) }
      _ = try await server.connect(stranger)
      server.admitted.withLock { _ = $0.remove(stranger.publicKey) }
      #expect(try await server.connect(stranger, until: { $0 != .connected }).change == .failed(failure))
    }
  }

  @Test("Clients with a wrong server key, without keys or without ZMTP get nothing through")
  func othersGetNothing() async throws {
    try await withServer { server in
      let wrong = try await server.connect(
        server.friend, serverKey: try CurveKeyPair.generate().publicKey, until: { $0 != .connected })
      guard case .failed(let failure) = wrong.change else {
        Issue.record("\(wrong.change)")
        return
      }
      #expect(failure.reason == .other)
      #expect(failure.detail.contains("`servers` list"))

      let plain = try PlainClient(port: server.port)
      plain.send(bytes("plain"))
      let garbage = try RawClient(port: server.port)
      garbage.send(bytes("GET / HTTP/1.1\r\n\r\n"))
      #expect(garbage.isClosedByPeer(), "a client that does not speak ZMTP is disconnected")

      let honest = try await server.connect(server.friend)
      honest.socket.send([[], bytes("honest")])
      #expect(try await server.inbox.next().frames == [[], bytes("honest")])
      #expect(server.inbox.count == 1, "nothing from the other clients has arrived")
      withExtendedLifetime(plain) {}
    }
  }

  @Test("Honest clients are answered while rejected clients keep reconnecting")
  func strangersHoldUpNobody() async throws {
    try await withServer { server in
      let strangers = try (0..<20).map { _ in try server.knock(try CurveKeyPair.generate()) }
      let honest = try await server.connect(server.friend)
      for number in 0..<200 {
        honest.socket.send([[], bytes("\(number)")])
        let message = try await server.inbox.next()
        #expect(message.frames == [[], bytes("\(number)")])
        server.socket.send([OutboundMessage(peer: try #require(message.peer), frames: [bytes("\(number)")])])
        #expect(try await honest.inbox.next().frames == [bytes("\(number)")])
      }
      withExtendedLifetime(strangers) {}
    }
  }

  @Test("A server without admission rules does not start")
  func probe() async throws {
    let identity = CurveIdentity(own: try .generate(), admits: { _ in true })
    let reactor = try Reactor(logger: silentLogger, identity: identity)
    let endpoint = try Endpoint("tcp://127.0.0.1:\(try freePort())")
    await #expect { _ = try await reactor.bind([endpoint]) { _ in } } throws: {
      ($0 as? ZeroMQError)?.code == .unguarded
    }
    await reactor.shutdown()
  }

  @Test("Without keys, TCP neither listens nor connects")
  func withoutKeys() async throws {
    try await withReactor { reactor in
      let endpoint = try Endpoint("tcp://127.0.0.1:\(try freePort())")
      await #expect { _ = try await reactor.bind([endpoint]) { _ in } } throws: {
        ($0 as? ZeroMQError)?.code == .badKeys
      }
      let changes = Inbox<ConnectionChange>()
      let client = reactor.connect(endpoint, messages: { _ in }, change: { changes.put($0) })
      guard case .failed(let failure) = try await changes.next() else {
        Issue.record("connected without keys")
        return
      }
      #expect(failure.detail.contains("gonogo keys new"))
      withExtendedLifetime(client) {}
    }
  }
}

let silentLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A free port of the loopback interface.
func freePort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = loopback(port: 0)
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      Glibc.bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
    }
  }
  try #require(isBound)
  return Int(UInt16(bigEndian: address.sin_port))
}

private func loopback(port: Int) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return address
}

/// A server that listens on TCP and on a Unix socket.
private struct CurveServer {
  let reactor: Reactor
  let socket: ServerSocket
  let path: String
  let port: Int
  let inbox: Inbox<InboundMessage>
  let own: CurveKeyPair
  let friend: CurveKeyPair
  let admitted: AdmittedKeys

  /// Connects a client and waits for the given connection change.
  struct Client {
    let socket: ClientSocket
    let inbox: Inbox<InboundMessage>
    let change: ConnectionChange
  }

  func connect(
    _ keys: CurveKeyPair, serverKey: CurveKey? = nil,
    until isAwaited: @escaping @Sendable (ConnectionChange) -> Bool = { $0 == .connected }
  ) async throws -> Client {
    let (inbox, changes) = (Inbox<InboundMessage>(), Inbox<ConnectionChange>())
    let socket = try #require(
      reactor.connect(
        try endpoint(serverKey), as: keys, messages: { for message in $0 { inbox.put(message) } },
        change: { changes.put($0) }))
    return Client(socket: socket, inbox: inbox, change: try await changes.next(where: isAwaited))
  }

  /// A client that reconnects continuously, without supervision.
  func knock(_ keys: CurveKeyPair) throws -> ClientSocket {
    try #require(reactor.connect(try endpoint(nil), as: keys, messages: { _ in }, change: { _ in }))
  }

  private func endpoint(_ serverKey: CurveKey?) throws -> Endpoint {
    var endpoint = try Endpoint("tcp://127.0.0.1:\(port)")
    endpoint.serverKey = serverKey ?? own.publicKey
    return endpoint
  }
}

private final class AdmittedKeys: Sendable {
  private let keys = Mutex<Set<CurveKey>>([])
  func withLock<R: Sendable>(_ body: (inout Set<CurveKey>) -> R) -> R { keys.withLock { body(&$0) } }
}

private func withServer(_ body: (CurveServer) async throws -> Void) async throws {
  try await withFolder { folder in
    let (own, friend, admitted) = (try CurveKeyPair.generate(), try CurveKeyPair.generate(), AdmittedKeys())
    admitted.withLock { _ = $0.insert(friend.publicKey) }
    let identity = CurveIdentity(own: own, admits: { key in admitted.withLock { $0.contains(key) } })
    let reactor = try Reactor(logger: silentLogger, identity: identity)
    let (inbox, port, path) = (Inbox<InboundMessage>(), try freePort(), folder + "/s.sock")
    do {
      let endpoints = [try Endpoint("tcp://127.0.0.1:\(port)"), try Endpoint(path: path)]
      let socket = try await reactor.bind(endpoints) { for message in $0 { inbox.put(message) } }
      try await body(
        CurveServer(
          reactor: reactor, socket: socket, path: path, port: port, inbox: inbox, own: own, friend: friend,
          admitted: admitted))
      await reactor.shutdown()
    } catch {
      await reactor.shutdown()
      throw error
    }
  }
}

/// A client without keys, like any program with libzmq.
private final class PlainClient {
  private let context: UnsafeMutableRawPointer
  private let socket: UnsafeMutableRawPointer

  init(port: Int) throws {
    context = try #require(zmq_ctx_new())
    socket = try #require(zmq_socket(context, ZMQ_DEALER))
    var linger = Int32(0)
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, MemoryLayout<Int32>.size)
    #expect(zmq_connect(socket, "tcp://127.0.0.1:\(port)") == 0)
  }

  func send(_ bytes: [UInt8]) { #expect(zmq_send(socket, bytes, bytes.count, 0) == bytes.count) }

  deinit {
    zmq_close(socket)
    zmq_ctx_term(context)
  }
}

/// A plain TCP connection.
private final class RawClient {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = loopback(port: port)
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    try #require(isConnected)
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  func send(_ bytes: [UInt8]) { #expect(write(descriptor, bytes, bytes.count) == bytes.count) }

  /// Reads the server's greeting until it disconnects; false if it does not within a minute.
  func isClosedByPeer() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 256)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count == 0 || (count < 0 && errno == ECONNRESET) { return true }
      if count < 0 { return false }
    }
  }

  deinit { close(descriptor) }
}
