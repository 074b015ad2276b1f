import Glibc
import LaunchModel
import Synchronization
import TestSupport
import Testing
import ZeroMQ

@testable import Messaging

/// Clients of peers that accept connections and stay silent, over real sockets.
@Suite struct SilentPeerTests {
  @Test("If the first endpoint accepts but does not answer, the second is used; later clients begin with it")
  func silentListener() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let listener = try SilentListener(path: folder + "/a.sock")
        try await withServer(at: folder + "/b.sock", on: reactor) { served in
          let endpoints = [try Endpoint(path: listener.path), try Endpoint(path: folder + "/b.sock")]
          let memory = EndpointMemory()
          for round in 1...2 {
            let client = RPCClient(
              reactor: served.reactor, service: .tiering, endpoints: endpoints,
              configuration: RPCClient.Configuration(memory: memory), logger: silent)
            let reply = try await client.call(method: "m", timeout: .testTimeout)
            #expect(reply.result == bytes(#"{"method":"m","params":{}}"#))
            #expect(memory.avoided(endpoints).map(\.index) == [0])
            if round == 2 { #expect(listener.connections == 1, "the second client has not tried it") }
          }
        }
      }
    }
  }

  @Test("If the only endpoint accepts but does not answer, the error names it, and not a missing service")
  func onlyEndpoint() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let listener = try SilentListener(path: folder + "/a.sock")
        let client = RPCClient(
          reactor: reactor, service: .tiering, endpoints: [try Endpoint(path: listener.path)], logger: silent)
        let failure = await problem("not-answering") {
          _ = try await client.call(method: "m", timeout: .milliseconds(400))
        }
        #expect(failure?.kind == .unavailable)
        #expect(failure?.detail.contains(listener.path) == true)
      }
    }
  }

  @Test("If a server stops answering during a long poll, the client leaves it and the next one answers")
  func stalledServer() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        // It answers nothing, not even pings, like a suspended process.
        let configuration = RPCServer.Configuration(drainTimeout: .milliseconds(10))
        try await withServer(
          at: folder + "/a.sock", on: reactor, batchHandler: Unanswered(), configuration: configuration
        ) { _ in
          try await withServer(at: folder + "/b.sock", on: reactor) { served in
            let endpoints = [try Endpoint(path: folder + "/a.sock"), try Endpoint(path: folder + "/b.sock")]
            let client = RPCClient(
              reactor: served.reactor, service: .tiering, endpoints: endpoints,
              configuration: RPCClient.Configuration(memory: EndpointMemory()), logger: silent)
            let reply = try await client.call(method: "poll", timeout: .testTimeout, idempotent: true)
            #expect(reply.result == bytes(#"{"method":"poll","params":{}}"#))
          }
        }
      }
    }
  }
}

/// Takes calls and never answers them while the test runs.
private final class Unanswered: CallBatchHandler {
  let methods: Set<String> = ["poll", "service.ping"]
  private let calls = Mutex<[PendingCall]>([])

  func receive(_ calls: [PendingCall]) { self.calls.withLock { $0 += calls } }
}

/// A socket that accepts connections, because the kernel does, and never reads from them.
private final class SilentListener: Sendable {
  let path: String
  private let descriptor: Int32

  init(path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let isListening = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(descriptor, 16) == 0
      }
    }
    try #require(isListening)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { close(descriptor) }

  /// The number of connections that have not been counted before.
  var connections: Int {
    var count = 0
    while case let accepted = accept(descriptor, nil, nil), accepted >= 0 {
      close(accepted)
      count += 1
    }
    return count
  }
}
