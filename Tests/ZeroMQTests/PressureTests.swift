import CZeroMQ
import Foundation
import Testing

@testable import ZeroMQ

@Suite struct PressureTests {
  @Test("A disconnected peer does not disturb the others")
  func gonePeer() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let server = try await reactor.bind(folder + "/a.sock", into: inbox)
        var gone: PlainSocket? = try PlainSocket(ZMQ_DEALER, folder + "/a.sock")
        gone?.send([bytes("bye")])
        let peer = try #require(try await inbox.next().peer)
        gone = nil
        let answers = Inbox<InboundMessage>()
        let client = try reactor.connect(folder + "/a.sock", into: answers)
        client.send([bytes("ping")])
        let other = try #require(try await inbox.next().peer)
        server.send([
          OutboundMessage(peer: peer, frames: [bytes("lost")]), OutboundMessage(peer: other, frames: [bytes("pong")]),
        ])
        #expect(try await answers.next().frames == [bytes("pong")])
        await server.close()
      }
    }
  }

  @Test("Frames and bytes over the limits are counted and dropped")
  func oversized() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let limits = SocketLimits(frames: 4, bytes: 100)
        let server = try await reactor.bind(folder + "/a.sock", into: inbox, limits: limits)
        let peer = try PlainSocket(ZMQ_DEALER, folder + "/a.sock")
        peer.send((0..<50).map { bytes("\($0)") })
        let many = try await inbox.next()
        #expect(many.frames == (0..<4).map { bytes("\($0)") })
        #expect(many.frameCount == 50)
        peer.send([bytes("head"), [UInt8](repeating: 0, count: 200), bytes("tail")])
        let large = try await inbox.next()
        #expect(large.frames.first == bytes("head"))
        #expect(large.byteCount == 208)
        #expect(large.frames.reduce(0) { $0 + $1.count } <= 100)
        await server.close()
      }
    }
  }

  @Test("A frame over the hard limit disconnects its sender; one at the limit arrives")
  func disconnecting() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let limits = SocketLimits(disconnectFrame: 4_096)
        let server = try await reactor.bind(folder + "/a.sock", into: inbox, limits: limits)
        let changes = Inbox<ConnectionChange>()
        let client = try reactor.connect(folder + "/a.sock", changes: changes)
        client.send([[UInt8](repeating: 0, count: 4_096)])
        #expect(try await inbox.next().byteCount == 4_096)
        client.send([[UInt8](repeating: 0, count: 4_097)])
        _ = try await changes.next { $0 == .disconnected }
        #expect(inbox.count == 1)
        await server.close()
      }
    }
  }

  @Test("A paused socket leaves messages with their senders, and resumes without a gap")
  func pausing() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let limits = SocketLimits(highWaterMark: 4)
        let server = try await reactor.bind(folder + "/a.sock", into: inbox, limits: limits)
        let client = try reactor.connect(folder + "/a.sock")
        client.send([bytes("0")])
        #expect(try await inbox.next().frames == [bytes("0")])
        server.setReading(false)
        let block = [UInt8](repeating: 0x62, count: 64 << 10)
        for number in 1...1_000 { client.send([bytes("\(number)"), block]) }
        // Completes only after the sends have been attempted.
        await server.setReadingAndWait(false)
        #expect(inbox.count == 1)
        #expect(client.queuedBytes > 32 << 20)
        server.setReading(true)
        for number in 1...1_000 { #expect(try await inbox.next().frames.first == bytes("\(number)")) }
        #expect(client.queuedBytes == 0)
        await server.close()
      }
    }
  }

  @Test("A burst of commands causes few wake-ups and loses none")
  func burst() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let server = try await reactor.bind(folder + "/a.sock", into: inbox)
        let client = try reactor.connect(folder + "/a.sock")
        await withTaskGroup(of: Void.self) { group in
          for task in 0..<8 { group.addTask { for number in 0..<500 { client.send([bytes("\(task) \(number)")]) } } }
        }
        var last = [Int](repeating: -1, count: 8)
        for _ in 0..<4_000 {
          let fields = text(try await inbox.next().frames[0]).split(separator: " ").compactMap { Int($0) }
          #expect(fields[1] == last[fields[0]] + 1)
          last[fields[0]] = fields[1]
        }
        await server.close()
      }
    }
  }
}

extension ServerSocket {
  /// Calls `setReading`, then waits until the reactor has executed it.
  func setReadingAndWait(_ isReading: Bool) async {
    setReading(isReading)
    await flushCommands()
  }
}
