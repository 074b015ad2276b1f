import CZeroMQ
import Foundation
import Testing

@testable import ZeroMQ

@Suite struct PeerTests {
  @Test("A message carries its sender's user and process from the kernel")
  func credentials() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let server = try await reactor.bind(folder + "/a.sock", into: inbox)
        let client = try reactor.connect(folder + "/a.sock")
        client.send([bytes("who am I")])
        let message = try await inbox.next()
        #expect(message.sender == .process(PeerCredentials(uid: geteuid(), gid: getegid(), pid: getpid())))
        await server.close()
      }
    }
  }

  @Test("Two users on one socket are distinguished", .needsRoot)
  func otherUser() async throws {
    try await withFolder { folder in
      let path = folder + "/a.sock"
      try await withReactor { own in
        let inbox = Inbox<InboundMessage>()
        let server = try await own.bind(path, into: inbox)
        #expect(chmod(folder, 0o755) == 0 && chmod(path, 0o666) == 0)
        try await withReactor { other in
          other.mailbox.post(.perform { _ in #expect(OtherUser.assume()) })
          try other.connect(path).send([bytes("other")])
          #expect(try await inbox.next().uid == OtherUser.uid)
          try own.connect(path).send([bytes("own")])
          #expect(try await inbox.next().uid == 0)
        }
        await server.close()
      }
    }
  }

  @Test("A client without permission for the socket gets an error with the fix", .needsRoot)
  func permission() async throws {
    try await withFolder { folder in
      let path = folder + "/a.sock"
      try await withReactor { own in
        let server = try await own.bind(path, into: Inbox())
        #expect(chmod(folder, 0o755) == 0)
        try await withReactor { other in
          other.mailbox.post(.perform { _ in #expect(OtherUser.assume()) })
          let changes = Inbox<ConnectionChange>()
          let client = try other.connect(path, changes: changes)
          client.send([bytes("hello")])
          guard case .failed(let failure) = try await changes.next() else {
            Issue.record("connected without permission")
            return
          }
          #expect(failure.reason == .permissionDenied)
          #expect(failure.detail.contains(path) && failure.detail.contains("group"))
        }
        await server.close()
      }
    }
  }

  @Test("A client learns that no server is bound, and later that it is connected to one")
  func nobodyBound() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let changes = Inbox<ConnectionChange>()
        let client = try reactor.connect(folder + "/a.sock", changes: changes)
        client.send([bytes("early")])
        guard case .failed(let failure) = try await changes.next() else {
          Issue.record("connected without a server")
          return
        }
        #expect(failure.reason == .notListening)
        let inbox = Inbox<InboundMessage>()
        let server = try await reactor.bind(folder + "/a.sock", into: inbox)
        _ = try await changes.next { $0 == .connected }
        #expect(try await inbox.next().frames == [bytes("early")])
        await server.close()
        _ = try await changes.next { $0 == .disconnected }
      }
    }
  }

  @Test("Responses reach the requesting peer, complete and in order")
  func routing() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let requests = Inbox<InboundMessage>()
        let server = try await reactor.bind(folder + "/a.sock", into: requests)
        let inboxes = [Inbox<InboundMessage>(), Inbox<InboundMessage>()]
        let clients = try inboxes.map { try reactor.connect(folder + "/a.sock", into: $0) }
        for (index, client) in clients.enumerated() { client.send([bytes("\(index)")]) }
        for _ in clients {
          let request = try await requests.next()
          let peer = try #require(request.peer)
          server.send((1...3).map { OutboundMessage(peer: peer, frames: request.frames + [[], bytes("\($0)")]) })
        }
        for (index, inbox) in inboxes.enumerated() {
          for number in 1...3 { #expect(try await inbox.next().frames == [bytes("\(index)"), [], bytes("\(number)")]) }
        }
        await server.close()
      }
    }
  }

  @Test("Shutting down the reactor notifies clients and refuses later operations")
  func shutdown() async throws {
    let changes = Inbox<ConnectionChange>()
    let reactor = try await withReactor { reactor in
      try reactor.connect("/tmp/gonogo-none.sock", changes: changes)
      return reactor
    }
    _ = try await changes.next { $0 == .closed }
    #expect(try reactor.connect(Endpoint(path: "/tmp/gonogo-none.sock"), messages: { _ in }, change: { _ in }) == nil)
    await #expect {
      _ = try await reactor.bind("/tmp/gonogo-none.sock", into: Inbox())
    } throws: { ($0 as? ZeroMQError)?.code == .closed }
  }
}

extension InboundMessage {
  /// The user of a sender on a Unix socket.
  fileprivate var uid: UInt32? {
    guard case .process(let credentials) = sender else { return nil }
    return credentials.uid
  }
}
