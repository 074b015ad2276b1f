import LaunchModel
import Testing
import ZeroMQ

@testable import Messaging

@Suite struct RequestReaderTests {
  private let now = ContinuousClock.now
  private let call = bytes(#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"ttlMs":250}}}"#)

  private func read(_ message: InboundMessage, _ limits: MessageLimits = .standard) -> RequestReader.Reading {
    RequestReader(limits: limits, defaultTTL: .seconds(5)).read(message, at: now)
  }

  private func message(_ frames: [[UInt8]], frameCount: Int? = nil, byteCount: Int? = nil) -> InboundMessage {
    InboundMessage(
      sender: .process(PeerCredentials(uid: 1_000, gid: 1, pid: 1)), frames: frames,
      byteCount: byteCount ?? frames.reduce(0) { $0 + $1.count }, frameCount: frameCount ?? frames.count)
  }

  @Test("A call has its parts, its caller from the kernel, and its deadline from the time to live")
  func call_() throws {
    guard case .call(let incoming, let id) = read(message([[], call, bytes("p1"), bytes("p2")])) else {
      Issue.record("the call was refused")
      return
    }
    #expect(id == bytes("1"))
    #expect(incoming.parts == [bytes("p1"), bytes("p2")])
    #expect(incoming.principal == Principal("uid:1000"))
    #expect(incoming.deadline == now + .milliseconds(250))
    #expect(incoming.expectsReply)
  }

  @Test(
    "Frames that do not form a call are refused",
    arguments: [[[]], [bytes("{}")], [bytes("{}"), []], []] as [[[UInt8]]])
  func framing(_ frames: [[UInt8]]) {
    guard case .rejection(let problem, let id) = read(message(frames)) else {
      Issue.record("the frames were accepted")
      return
    }
    #expect(problem.kind == .invalidRequest)
    #expect(id == bytes("null"))
  }

  @Test("Each exceeded limit is answered as too large, with the id of the call")
  func limits() {
    let limits = MessageLimits(envelope: call.count, message: 1_000, frames: 4)
    let cases = [
      message([[], call, [], []], frameCount: 5), message([[], call + bytes(" ")]),
      message([[], call], byteCount: 1_001),
    ]
    for message in cases {
      guard case .rejection(let problem, let id) = read(message, limits) else {
        Issue.record("the message was accepted")
        continue
      }
      #expect(problem.kind == .tooLarge)
      #expect(id == bytes("1"))
    }
    guard case .call = read(message([[], call, [], []]), limits) else {
      Issue.record("a message at the limits was refused")
      return
    }
  }
}
