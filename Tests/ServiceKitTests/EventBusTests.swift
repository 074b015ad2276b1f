import Contract
import LaunchModel
import Messaging
import ServiceKit
import TestSupport
import Testing

@Suite("The bus, as used by services") struct EventBusTests {
  private struct CancelledBus: EventBus {
    func publish(_ events: [[UInt8]], timeout: Duration) async throws -> [PublishResult] { throw CancellationError() }
    func fetch(
      after offset: Int64, types: [String], max: Int, wait: Duration, timeout: Duration
    ) async throws -> FetchedBatch { throw CancellationError() }
    func head(timeout: Duration) async throws -> LogBounds { throw CancellationError() }
    func at(_ time: Timestamp, timeout: Duration) async throws -> Int64 { throw CancellationError() }
  }

  @Test("A bus that does not answer has no known head; a cancelled request has no result at all")
  func headIfReachable() async throws {
    let bus = MemoryBus(clock: SystemClock())
    _ = try await bus.publish([CloudEvent(id: "1", source: "//test", type: "t").encoded()], timeout: .seconds(1))
    #expect(try await bus.headIfReachable(within: .seconds(1)) == 1)
    bus.isReachable = false
    #expect(try await bus.headIfReachable(within: .seconds(1)) == nil)
    await #expect(throws: CancellationError.self) { try await CancelledBus().headIfReachable(within: .seconds(1)) }
  }
}
