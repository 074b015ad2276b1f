import CZeroMQ
import Foundation
import JSON
import Contract
import LaunchModel
import Synchronization
import TestSupport
import Testing
import ZeroMQ

@testable import Messaging

/// Calls between a real server and a real client over a socket.
@Suite struct RPCTests {
  @Test("A call has a response, with parts in both directions")
  func call() async throws {
    try await withServer { served in
      let client = try served.client()
      let reply = try await client.call(method: "a.b", params: bytes("{\"x\":[1]}"), parts: [bytes("p"), []])
      #expect(text(reply.result) == #"{"method":"a.b","params":{"x":[1]}}"#)
      #expect(reply.parts == [bytes("p"), []])
    }
  }

  @Test("A route encodes and decodes its types")
  func route() async throws {
    let handler = Answering { call in
      let asked = try JSONCoding.decode(AtParameters.self, from: call.params)
      return CallReply(result: try JSONCoding.encode(OffsetFound(offset: asked.time.microseconds)))
    }
    try await withServer(handler) { served in
      let found = try await served.client().call(BusRoutes.at, AtParameters(time: Timestamp(microseconds: 77)))
      #expect(found.offset == 77)
      let other = Route<AtParameters, LogBounds>(.bus, "events.at", .read)
      let time = AtParameters(time: Timestamp(microseconds: 1))
      await problem("unexpected-result") { _ = try await served.client().call(other, time) }
    }
  }

  @Test("A handler's problem reaches the caller unchanged; any other error hides its details")
  func problems() async throws {
    let conflict = Problem(
      .conflict, code: "version-changed", title: "conflict", detail: "it is 4", extra: ["current": 4])
    struct Inside: Error {}
    let handler = Answering { call in
      if call.method == "conflict" { throw conflict }
      throw Inside()
    }
    try await withServer(handler) { served in
      let client = try served.client()
      let first = await problem("version-changed") { _ = try await client.call(method: "conflict") }
      #expect(first == conflict)
      let other = await problem("internal") { _ = try await client.call(method: "other") }
      #expect(other?.kind == .internalError)
      #expect(other?.detail.contains("Inside") == false)
    }
  }

  @Test(
    "The caller comes from the kernel, the metadata from the caller, and the time to live from the remaining timeout")
  func context() async throws {
    let seen = Mutex<IncomingCall?>(nil)
    let handler = Answering { call in
      seen.withLock { $0 = call }
      return CallReply(result: bytes("{}"))
    }
    try await withServer(handler) { served in
      let meta = CallMeta(idempotencyKey: "k", expectedVersion: 2, onBehalfOf: "dana", after: 9)
      let client = try served.client(RPCClient.Configuration())
      _ = try await client.call(method: "m", params: bytes("{\"a\":1}"), meta: meta, timeout: .seconds(300))
    }
    let received = seen.withLock { $0 }
    let call = try #require(received)
    #expect(call.principal == .uid(geteuid()))
    #expect(text(call.params) == "{\"a\":1}")
    #expect(call.meta.idempotencyKey == "k" && call.meta.onBehalfOf == "dana" && call.meta.after == 9)
    #expect(call.meta.expectedVersion == 2)
    #expect((200_000...300_000).contains(try #require(call.meta.ttlMs)))
  }

  @Test("A long call does not block others, and responses arrive in any order")
  func concurrency() async throws {
    let latch = Latch()
    let handler = Answering { call in
      if call.method == "slow" { try await latch.opens() }
      return CallReply(result: JSONValue.string(call.method).serialized())
    }
    try await withServer(handler) { served in
      let client = try served.client()
      async let slow = client.call(method: "slow", timeout: .seconds(20))
      for number in 1...50 {
        #expect(try await client.call(method: "fast\(number)").result == bytes("\"fast\(number)\""))
      }
      latch.open()
      #expect(try await slow.result == bytes("\"slow\""))
    }
  }

  @Test("Each of many concurrent calls gets its own response")
  func manyCalls() async throws {
    try await withServer { served in
      let client = try served.client()
      let answers = try await withThrowingTaskGroup(of: (Int, CallReply).self) { group in
        for number in 0..<500 {
          group.addTask { (number, try await client.call(method: "m", params: bytes("{\"n\":\(number)}"))) }
        }
        return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      for number in 0..<500 {
        #expect(answers[number]?.result == bytes(#"{"method":"m","params":{"n":\#(number)}}"#))
      }
    }
  }

  @Test("A call that takes too long times out, and the next one uses a new connection")
  func timeout() async throws {
    let latch = Latch()
    let handler = Answering { call in
      if call.method == "slow" { try await latch.opens() }
      return CallReply(result: bytes("1"))
    }
    try await withServer(handler) { served in
      let client = try served.client(RPCClient.Configuration())
      let failure = await problem("timed-out") {
        _ = try await client.call(method: "slow", timeout: .milliseconds(200), idempotent: true)
      }
      #expect(failure?.kind == .expired)
      #expect(try await client.call(method: "fast", timeout: .testTimeout).result == bytes("1"))
      latch.open()
    }
  }

  @Test("A cancelled call returns at once, and the connection remains usable")
  func cancellation() async throws {
    let (latch, arrived) = (Latch(), Tally())
    let handler = Answering { call in
      if call.method == "slow" {
        arrived.add()
        try await latch.opens()
      }
      return CallReply(result: bytes("1"))
    }
    try await withServer(handler) { served in
      let client = try served.client()
      let task = Task { try await client.call(method: "slow", timeout: .seconds(60)) }
      try await arrived.reaches(1)
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try await client.call(method: "fast").result == bytes("1"))
      latch.open()
    }
  }

  @Test("Without a server, a call fails before its timeout and names the socket")
  func unreachable() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let client = RPCClient(
          reactor: reactor, service: .metrics, endpoints: [try Endpoint(path: folder + "/none.sock")], logger: silent)
        // It would take an hour if it waited for the timeout of the call.
        let failure = await problem("unreachable") { _ = try await client.call(method: "m", timeout: .seconds(3_600)) }
        #expect(failure?.kind == .unavailable && failure?.retryable == true)
        #expect(failure?.detail.contains(folder + "/none.sock") == true)
        #expect(failure?.title.contains("metrics") == true)
      }
    }
  }

  @Test("A client uses the second endpoint if no server is bound to the first")
  func failover() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        try await withServer(at: folder + "/b.sock", on: reactor) { served in
          let endpoints = [try Endpoint(path: folder + "/a.sock"), try Endpoint(path: folder + "/b.sock")]
          let client = RPCClient(reactor: served.reactor, service: .tiering, endpoints: endpoints, logger: silent)
          #expect(try await client.call(method: "m").result == bytes(#"{"method":"m","params":{}}"#))
        }
      }
    }
  }

  @Test("After a server restart, a pending read is retried and a pending change fails")
  func restart() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let path = folder + "/s.sock"
        let arrived = Tally()
        let client = RPCClient(
          reactor: reactor, service: .tiering, endpoints: [try Endpoint(path: path)],
          configuration: RPCClient.Configuration(unreachableAfter: nil), logger: silent)
        let first = try await reactor.bind([try Endpoint(path: path)]) { for _ in $0 { arrived.add() } }
        let read = Task { try await client.call(method: "read", timeout: .seconds(20), idempotent: true) }
        async let change: Problem? = problem("connection-lost") {
          _ = try await client.call(method: "change", timeout: .seconds(20))
        }
        try await arrived.reaches(2)
        await first.close()
        try await withServer(at: path, on: reactor) { _ in
          let reply = try await read.value
          #expect(reply.result == bytes(#"{"method":"read","params":{}}"#))
        }
        #expect(await change?.kind == .unavailable)
      }
    }
  }

  @Test("A response sent just before the server stops still arrives")
  func lastAnswers() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let path = folder + "/s.sock"
        for round in 0..<40 {
          let client = RPCClient(
            reactor: reactor, service: .tiering, endpoints: [try Endpoint(path: path)],
            configuration: RPCClient.Configuration(unreachableAfter: nil), logger: silent)
          let (arrived, leave) = (Tally(), Latch())
          let handler = Answering { _ in
            arrived.add()
            try await leave.opens()
            return CallReply(result: bytes("{}"))
          }
          try await withServer(at: path, on: reactor, handler) { served in
            async let answer = client.call(method: "m", timeout: .seconds(60))
            try await arrived.reaches(1)
            served.server.beginShutdown()
            leave.open()
            #expect(try await answer.result == bytes("{}"), "round \(round)")
          }
          client.close()
        }
      }
    }
  }

  @Test("Shutting down the reactor fails pending calls")
  func shutdown() async throws {
    try await withFolder { folder in
      let (arrived, reactor) = (Tally(), try Reactor(logger: silent))
      let path = folder + "/s.sock"
      let server = try await reactor.bind([try Endpoint(path: path)]) { _ in arrived.add() }
      let client = RPCClient(reactor: reactor, service: .tiering, endpoints: [try Endpoint(path: path)], logger: silent)
      async let lost: Problem? = problem("closed") { _ = try await client.call(method: "m", timeout: .seconds(60)) }
      try await arrived.reaches(1)
      await reactor.shutdown()
      #expect(await lost != nil)
      await problem("closed") { _ = try await client.call(method: "m", timeout: .seconds(60)) }
      withExtendedLifetime(server) {}
    }
  }

  @Test("A message over the limits is refused before it is sent")
  func tooLarge() async throws {
    try await withServer { served in
      let client = try served.client()
      let failure = await problem("too-large") {
        _ = try await client.call(method: "m", parts: Array(repeating: [0], count: 1_025))
      }
      #expect(failure?.detail.contains("1027 frames") == true)
      let large = bytes("{\"a\":\"") + [UInt8](repeating: 0x61, count: 1 << 20) + bytes("\"}")
      await problem("too-large") { _ = try await client.call(method: "m", params: large) }
      #expect(try await client.call(method: "m", parts: Array(repeating: [0], count: 1_024)).parts.count == 1_024)
    }
  }
}
