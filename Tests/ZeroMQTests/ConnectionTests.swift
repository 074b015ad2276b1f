import CConnections
import CZeroMQ
import Foundation
import Testing

@testable import ZeroMQ

@Suite("Connections", .timeLimit(.minutes(2)))
struct ConnectionTests {
  @Test("The functions that count connections are the ones that libzmq calls")
  func interposed() { #expect(gonogo_connections_interposed()) }

  @Test(
    "A peer that never finishes its message is cut off before it has used 16 MiB",
    arguments: [(0, 1 << 20), (1, 2 << 20), (1_024, 20 << 20), (100_000, 20 << 20)])
  func unfinished(frame: Int, most: Int) async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let server = try await reactor.bind(folder + "/a.sock", into: inbox)
        let peer = try RawPeer(folder + "/a.sock")
        let one = RawPeer.frame([UInt8](repeating: 0x66, count: frame), more: true)
        let block = [[UInt8]](repeating: one, count: max(1, 65_536 / one.count)).flatMap(\.self)
        var sent = 0
        while sent < 2 * most, peer.send(block) { sent += block.count }
        #expect(sent < most)
        // Others are served, and the peer may come back.
        let other = try RawPeer(folder + "/a.sock")
        #expect(other.send(RawPeer.frame(bytes("hello"))))
        #expect(try await inbox.next().frames == [bytes("hello")])
        await server.close()
      }
    }
  }

  @Test("A finished message of many frames arrives, however it was cut into pieces")
  func finished() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let server = try await reactor.bind(folder + "/a.sock", into: inbox)
        let peer = try RawPeer(folder + "/a.sock")
        let large = [UInt8](repeating: 0x66, count: 300_000)
        for number in 0..<100 {
          let message =
            RawPeer.frame(bytes("\(number)"), more: true) + RawPeer.frame(large, more: true)
            + RawPeer.frame([])
          for start in stride(from: 0, to: message.count, by: 70_001) {
            #expect(peer.send(Array(message[start..<min(start + 70_001, message.count)])))
          }
          let arrived = try await inbox.next()
          #expect(arrived.frames.first == bytes("\(number)"))
          #expect(arrived.byteCount == large.count + bytes("\(number)").count)
        }
        await server.close()
      }
    }
  }

  @Test("The peer with the most unread replies is disconnected, and others lose nothing")
  func unread() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let limits = SocketLimits(replyBytes: 8 << 20)
        let server = try await reactor.bind(folder + "/a.sock", into: inbox, limits: limits)
        func joined(_ name: String) async throws -> (RawPeer, PeerID) {
          let peer = try RawPeer(folder + "/a.sock")
          #expect(peer.send(RawPeer.frame(bytes(name))))
          return (peer, try #require(try await inbox.next().peer))
        }
        let (slow, slowID) = try await joined("slow")
        let (idle, idleID) = try await joined("idle")
        let block = [UInt8](repeating: 0x61, count: 16 << 10)
        // The idle peer has less than the slow one, so it keeps its replies.
        for _ in 0..<100 { server.send([OutboundMessage(peer: idleID, frames: [block])]) }
        for _ in 0..<1_000 { server.send([OutboundMessage(peer: slowID, frames: [block])]) }
        await server.flushCommands()
        var received = 0
        while slow.frame() != nil { received += 1 }
        #expect(received < 1_000, "it was cut off")
        for _ in 0..<100 { #expect(idle.frame()?.body == block) }
        server.send([OutboundMessage(peer: idleID, frames: [bytes("after")])])
        #expect(idle.frame()?.body == bytes("after"))
        await server.close()
      }
    }
  }

  @Test("Replies within the limit wait for a slow peer, and arrive in order")
  func slow() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let server = try await reactor.bind(folder + "/a.sock", into: inbox)
        let peer = try RawPeer(folder + "/a.sock")
        #expect(peer.send(RawPeer.frame(bytes("go on"))))
        let id = try #require(try await inbox.next().peer)
        let block = [UInt8](repeating: 0x61, count: 10_000)
        for number in 0..<3_000 {
          server.send([OutboundMessage(peer: id, frames: [bytes("\(number)"), block, []])])
        }
        await server.flushCommands()
        for number in 0..<3_000 {
          #expect(peer.frame()?.body == bytes("\(number)"))
          #expect(peer.frame()?.body == block)
          #expect(peer.frame()?.body == [])
        }
        await server.close()
      }
    }
  }
}

@Suite("Connection limits")
struct ConnectionLimitsTests {
  @Test(
    "The maximum number of connections is well below the limit of open files",
    arguments: [(20_000, nil, 512), (1_024, nil, 512), (500, nil, 308), (256, nil, 64), (4_096, 2_000, 2_000)]
      as [(UInt64, Int?, Int)])
  func fitting(files: UInt64, asked: Int?, connections: Int) throws {
    let limits = try ConnectionLimits.fitting(files: files, connections: asked)
    #expect(limits.connections == connections)
    #expect(limits.connectionsEach == connections / 2)
    #expect(limits.reserved == connections / 4)
  }

  @Test(
    "A limit of open files that is too low is refused, naming the limit that is needed",
    arguments: [(255, nil, "256"), (64, nil, "256"), (1_024, 1_000, "1192")] as [(UInt64, Int?, String)])
  func tooLow(files: UInt64, asked: Int?, needed: String) {
    do throws(ZeroMQError) {
      _ = try ConnectionLimits.fitting(files: files, connections: asked)
      Issue.record("it was accepted")
    } catch {
      #expect(error.code == .tooFewDescriptors)
      #expect(error.detail.contains("need \(needed):"), "\(error)")
    }
  }
}
