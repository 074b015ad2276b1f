import CZeroMQ
import Foundation
import JSON
import LaunchModel
import Synchronization
import Testing
import ZeroMQ

@testable import Messaging

/// The server as seen by programs that know only ZeroMQ and JSON-RPC.
@Suite struct ServerTests {
  @Test("A plain REQ socket is answered")
  func request() async throws {
    try await withServer { served in
      let client = try PlainClient(ZMQ_REQ, served.path)
      for number in 1...3 {
        client.send([bytes(#"{"jsonrpc":"2.0","id":\#(number),"method":"m","params":{"n":\#(number)}}"#)])
        #expect(
          text(try await client.receive()[0])
            == #"{"jsonrpc":"2.0","id":\#(number),"result":{"method":"m","params":{"n":\#(number)}}}"#)
      }
    }
  }

  @Test("A plain DEALER may have several pending calls, and each response has the call's id as written")
  func dealer() async throws {
    try await withServer { served in
      let client = try PlainClient(ZMQ_DEALER, served.path)
      for id in ["\"a\"", "2", "null"] { client.send([[], bytes(#"{"jsonrpc":"2.0","id":\#(id),"method":"m"}"#)]) }
      var ids: Set<JSONValue> = []
      for _ in 1...3 { ids.insert(try #require(try await client.receiveEnvelope()["id"])) }
      #expect(ids == ["a", 2, .null])
    }
  }

  @Test(
    "Protocol errors have the JSON-RPC 2.0 codes",
    arguments: [
      ("nonsense", -32700), ("[]", -32600), (#"[{"jsonrpc":"2.0","id":1,"method":"m"}]"#, -32600),
      (#"{"jsonrpc":"2.0","id":1,"method":1}"#, -32600),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":[]}"#, -32602),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"ttlMs":-1}}}"#, -32602),
    ])
  func errors(_ envelope: String, _ code: Int64) async throws {
    try await withServer { served in
      let client = try PlainClient(ZMQ_REQ, served.path)
      client.send([bytes(envelope)])
      let answer = try JSONValue(parsing: try await client.receive()[0])
      #expect(answer["jsonrpc"] == "2.0")
      #expect(answer["error"]?["code"] == .integer(code))
      #expect(answer["error"]?["message"]?.stringValue?.isEmpty == false)
      #expect(answer["error"]?["data"]?["code"]?.stringValue?.isEmpty == false)
    }
  }

  @Test("Missing delimiters are answered with an error, and the connection remains usable")
  func framing() async throws {
    try await withServer { served in
      let client = try PlainClient(ZMQ_DEALER, served.path)
      client.send([bytes(#"{"jsonrpc":"2.0","id":1,"method":"m"}"#)])
      #expect(try await client.receiveEnvelope()["error"]?["data"]?["code"] == "invalid-framing")
      client.send([[], bytes(#"{"jsonrpc":"2.0","id":1,"method":"m"}"#)])
      #expect(try await client.receiveEnvelope()["result"] != nil)
    }
  }

  @Test("Exceeding a limit is answered with an error; four times the limit ends the connection")
  func limits() async throws {
    let limits = MessageLimits(envelope: 1_024, message: 4_096, frames: 10)
    try await withServer(configuration: .init(limits: limits)) { served in
      let client = try PlainClient(ZMQ_DEALER, served.path)
      let head = bytes(#"{"jsonrpc":"2.0","id":7,"method":"m"}"#)
      let messages = [
        [[], head + [UInt8](repeating: 0x20, count: 1_000)], [[], head] + Array(repeating: [], count: 9),
        [[], head, [UInt8](repeating: 0, count: 2_100), [UInt8](repeating: 0, count: 2_100)],
      ]
      for message in messages {
        client.send(message)
        let answer = try await client.receiveEnvelope()
        #expect(answer["error"]?["code"] == -32006)
        #expect(answer["id"] == 7)
      }
      client.send([[], head, [UInt8](repeating: 0, count: 4_097)])
      // libzmq reconnects; what was sent on the lost connection gets no response.
      var answered = false
      for number in 8...100 where !answered {
        client.send([[], bytes(#"{"jsonrpc":"2.0","id":\#(number),"method":"m"}"#)])
        answered = await client.receive(within: 200) != nil
      }
      #expect(answered)
    }
  }

  @Test("A notification is executed and not answered")
  func notification() async throws {
    let seen = Tally()
    let handler = Answering { call in
      if !call.expectsReply { seen.add() }
      return CallReply(result: bytes("1"))
    }
    try await withServer(handler) { served in
      let client = try PlainClient(ZMQ_DEALER, served.path)
      client.send([[], bytes(#"{"jsonrpc":"2.0","method":"m"}"#)])
      try await seen.reaches(1)
      client.send([[], bytes(#"{"jsonrpc":"2.0","id":"x","method":"m"}"#)])
      #expect(try await client.receiveEnvelope()["id"] == "x")
    }
  }

  @Test("A call that expires before it is started is not executed")
  func expired() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let executed = Tally()
        let server = RPCServer(
          reactor: reactor, endpoints: [try Endpoint(path: folder + "/s.sock")], service: .tiering,
          handler: Answering { _ in
            executed.add()
            return CallReply(result: bytes("1"))
          }, logger: silent)
        // Bound, but not yet serving.
        try await server.bind()
        let client = try PlainClient(ZMQ_DEALER, folder + "/s.sock")
        client.send([[], bytes(#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"ttlMs":1}}}"#)])
        client.send([[], bytes("nonsense")])
        // The response to the second call shows that the first has arrived; then its millisecond passes.
        #expect(try await client.receiveEnvelope()["error"]?["code"] == -32700)
        let later = ContinuousClock.now + .milliseconds(2)
        while .now < later { await Task.yield() }
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await server.run() }
          #expect(try await client.receiveEnvelope()["error"]?["code"] == -32008)
          server.beginShutdown()
          try await group.waitForAll()
        }
        #expect(executed.count == 0)
      }
    }
  }

  @Test("Calls beyond the limit are answered busy with a retry delay")
  func busy() async throws {
    let (latch, arrived) = (Latch(), Tally())
    let handler = Answering { _ in
      arrived.add()
      try await latch.opens()
      return CallReply(result: bytes("1"))
    }
    try await withServer(handler, configuration: .init(maxInFlight: 2)) { served in
      let client = try PlainClient(ZMQ_DEALER, served.path)
      for id in 1...2 { client.send([[], bytes(#"{"jsonrpc":"2.0","id":\#(id),"method":"m"}"#)]) }
      try await arrived.reaches(2)
      client.send([[], bytes(#"{"jsonrpc":"2.0","id":3,"method":"m"}"#)])
      let answer = try await client.receiveEnvelope()
      #expect(answer["id"] == 3)
      #expect(answer["error"]?["code"] == -32007)
      #expect(answer["error"]?["data"]?["retryAfterMs"]?.integerValue ?? 0 > 0)
      latch.open()
      var ids: Set<JSONValue> = []
      for _ in 1...2 { ids.insert(try #require(try await client.receiveEnvelope()["id"])) }
      #expect(ids == [1, 2])
      client.send([[], bytes(#"{"jsonrpc":"2.0","id":4,"method":"m"}"#)])
      #expect(try await client.receiveEnvelope()["result"] == 1)
    }
  }

  @Test("Too many bytes in flight pause reading, and responses resume it")
  func backPressure() async throws {
    let (latch, arrived) = (Latch(), Tally())
    let handler = Answering { _ in
      arrived.add()
      try await latch.opens()
      return CallReply(result: bytes("1"))
    }
    try await withServer(handler, configuration: .init(maxInFlightBytes: 64 << 10)) { served in
      let client = try served.client()
      let part = [UInt8](repeating: 0, count: 60 << 10)
      let answers = try await withThrowingTaskGroup(of: CallReply.self) { group in
        for _ in 0..<600 { group.addTask { try await client.call(method: "m", parts: [part], timeout: .seconds(20)) } }
        try await arrived.reaches(2)
        // The reactor may deliver one more batch before it stops.
        #expect(arrived.count <= 256 + 2)
        latch.open()
        return try await group.reduce(into: 0) { count, _ in count += 1 }
      }
      #expect(answers == 600)
    }
  }

  @Test("A batch handler gets its calls in order of arrival, and may answer from any thread")
  func batches() async throws {
    let handler = Collecting(methods: ["events.publish"])
    try await withServer(batchHandler: handler) { served in
      let client = try PlainClient(ZMQ_DEALER, served.path)
      for id in 1...20 {
        client.send([[], bytes(#"{"jsonrpc":"2.0","id":\#(id),"method":"events.publish"}"#), bytes("event \(id)")])
      }
      client.send([[], bytes(#"{"jsonrpc":"2.0","id":21,"method":"events.head"}"#)])
      // Waiting calls do not block another method.
      #expect(try await client.receiveEnvelope()["id"] == 21)
      try await handler.arrived.reaches(20)
      let calls = handler.take()
      #expect(calls.map { text($0.call.parts[0]) } == (1...20).map { "event \($0)" })
      PendingCall.answer(calls.map { ($0, .success(CallReply(result: bytes("true")))) })
      calls[0].answer(.success(CallReply(result: bytes("\"again\""))))
      for id in 1...20 {
        let answer = try await client.receiveEnvelope()
        #expect(answer["id"] == .integer(Int64(id)))
        #expect(answer["result"] == true)
      }
    }
  }

  @Test("A call that its handler drops is answered as an internal error")
  func lostCall() async throws {
    struct Losing: CallBatchHandler {
      let methods: Set<String> = ["m"]
      func receive(_ calls: [PendingCall]) {}
    }
    try await withServer(batchHandler: Losing()) { served in
      let failure = await problem("internal") { _ = try await served.client().call(method: "m") }
      #expect(failure?.kind == .internalError)
    }
  }

  @Test("A stopping server answers the calls it has accepted, and refuses new ones")
  func draining() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let (latch, arrived) = (Latch(), Tally())
        let server = RPCServer(
          reactor: reactor, endpoints: [try Endpoint(path: folder + "/s.sock")], service: .tiering,
          handler: Answering { _ in
            arrived.add()
            try await latch.opens()
            return CallReply(result: bytes("\"done\""))
          }, logger: silent)
        try await server.bind()
        let client = try PlainClient(ZMQ_DEALER, folder + "/s.sock")
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await server.run() }
          client.send([[], bytes(#"{"jsonrpc":"2.0","id":1,"method":"m"}"#)])
          try await arrived.reaches(1)
          server.beginShutdown()
          client.send([[], bytes(#"{"jsonrpc":"2.0","id":2,"method":"m"}"#)])
          let refused = try await client.receiveEnvelope()
          #expect(refused["id"] == 2)
          #expect(refused["error"]?["data"]?["code"] == "stopping")
          latch.open()
          #expect(try await client.receiveEnvelope()["result"] == "done")
          try await group.waitForAll()
        }
        #expect(!FileManager.default.fileExists(atPath: folder + "/s.sock"))
      }
    }
  }

  @Test("A call that outlasts the drain timeout is cancelled and answered as stopping")
  func drainBound() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let arrived = Tally()
        let server = RPCServer(
          reactor: reactor, endpoints: [try Endpoint(path: folder + "/s.sock")], service: .tiering,
          configuration: .init(drainTimeout: .milliseconds(20)),
          handler: Answering { _ in
            arrived.add()
            // Longer than the test may take, so that only cancellation can end it.
            try await Task.sleep(for: .seconds(60))
            return CallReply(result: bytes("1"))
          }, logger: silent)
        try await server.bind()
        let client = try PlainClient(ZMQ_DEALER, folder + "/s.sock")
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await server.run() }
          client.send([[], bytes(#"{"jsonrpc":"2.0","id":1,"method":"m"}"#)])
          try await arrived.reaches(1)
          server.beginShutdown()
          #expect(try await client.receiveEnvelope()["error"]?["data"]?["code"] == "stopping")
          try await group.waitForAll()
        }
      }
    }
  }
}

/// Collects the calls that it receives.
private final class Collecting: CallBatchHandler {
  let methods: Set<String>
  let arrived = Tally()
  private let calls = Mutex<[PendingCall]>([])

  init(methods: Set<String>) { self.methods = methods }

  func receive(_ calls: [PendingCall]) {
    self.calls.withLock { $0 += calls }
    for _ in calls { arrived.add() }
  }

  func take() -> [PendingCall] {
    calls.withLock { calls in
      defer { calls = [] }
      return calls
    }
  }
}
