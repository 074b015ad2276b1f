import BusCore
import JSON
import LaunchModel
import Messaging
import TestSupport
import Testing
import ZeroMQ

@testable import BusService
import Contract

@Suite("Python publisher", .enabled(if: PythonPublisher.isAvailable, "\(PythonPublisher.unavailable)"))
struct PythonPublisherTests {
  @Test("Lines become events, byte for byte and in order; a second run stores nothing new")
  func publishes() async throws {
    try await withBus { bus in
      let lines = (0..<120).map { RunningBus.event("\($0)", data: "{\"text\": \"zażółć\"}") }
      let first = try await publish(lines, to: bus)
      #expect(first.status == 0, "\(first.errors)")
      #expect(try JSONValue(parsing: first.output) == ["stored": 120, "duplicate": 0, "rejected": 0])
      let second = try await publish(lines, to: bus)
      #expect(try JSONValue(parsing: second.output) == ["stored": 0, "duplicate": 120, "rejected": 0])
      #expect(try await bus.calls.fetch(after: 0, max: 1_000).events.map(\.bytes) == lines)
    }
  }

  @Test("A rejected line is reported, the others are stored, and the exit status is nonzero")
  func rejections() async throws {
    try await withBus { bus in
      let lines = [RunningBus.event("a"), [], Array(" ".utf8), Array("{}".utf8), RunningBus.event("b")]
      let run = try await publish(lines, to: bus)
      #expect(run.status == 65)
      #expect(
        run.errors.contains("line 4: missing-attribute"), "blank lines are counted too, as in an editor: \(run.errors)")
      #expect(try await bus.calls.head().head == 2)
    }
  }

  @Test("While the disk is full, the publisher retries")
  func retries() async throws {
    let controls = TestLog.Controls()
    controls.fail(with: .diskFull("the disk is full: /data, 0 MiB free"))
    try await withBus(BusSetup(wrapping: { TestLog($0, controls) })) { bus in
      async let run = publish([RunningBus.event("a")], to: bus)
      while controls.appends.isEmpty { await Task.yield() }
      controls.fail(with: nil)
      let status = try await run.status
      #expect(status == 0)
      #expect(controls.appends.count > 1)
    }
  }

  private func publish(_ lines: [[UInt8]], to bus: RunningBus) async throws -> PythonPublisher.Run {
    try await PythonPublisher.publish(lines, environment: ["GONOGO_ENDPOINT_BUS": bus.endpoint.address])
  }
}
