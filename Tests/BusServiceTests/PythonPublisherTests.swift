import BusCore
import Foundation
import JSON
import LaunchModel
import Messaging
import Subprocess
import SystemPackage
import TestSupport
import Testing
import ZeroMQ

@testable import BusService

/// Python, where it is installed with pyzmq.
enum Python {
  static let hasZeroMQ: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import zmq"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// Runs `examples/publish.py` on lines of text, and returns its exit status and what it wrote.
  static func publish(
    _ lines: [[UInt8]], to bus: RunningBus
  ) async throws -> (status: TerminationStatus, output: String, errors: String) {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../examples/publish.py")
    let result = try await Subprocess.run(
      .name("python3"), arguments: [script.standardized.path],
      environment: .inherit.updating(["GONOGO_ENDPOINT_BUS": bus.endpoint.address]),
      input: .array(Array(lines.joined(separator: [0x0a]))), output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    return (result.terminationStatus, result.standardOutput, result.standardError)
  }
}

@Suite("The publisher in Python", .enabled(if: Python.hasZeroMQ, "python3 with pyzmq is not installed"))
struct PythonPublisherTests {
  @Test("Lines become events, byte for byte and in order, and a second run stores nothing more")
  func publishes() async throws {
    try await withBus { bus in
      let lines = (0..<120).map { RunningBus.event("\($0)", data: "{\"text\": \"zażółć\"}") }
      let first = try await Python.publish(lines, to: bus)
      #expect(first.status == .exited(0), "\(first.errors)")
      #expect(try JSONValue(parsing: first.output) == ["stored": 120, "duplicate": 0, "rejected": 0])
      let second = try await Python.publish(lines, to: bus)
      #expect(try JSONValue(parsing: second.output) == ["stored": 0, "duplicate": 120, "rejected": 0])
      #expect(try await bus.calls.fetch(after: 0, max: 1_000).events.map(\.bytes) == lines)
    }
  }

  @Test("A rejected line is named, the others are stored, and the exit status says so")
  func rejections() async throws {
    try await withBus { bus in
      let run = try await Python.publish([RunningBus.event("a"), Array("{}".utf8), RunningBus.event("b")], to: bus)
      #expect(run.status == .exited(1))
      #expect(run.errors.contains("line 2: missing-attribute"))
      #expect(try await bus.calls.head().head == 2)
    }
  }

  @Test("While the disk is full it goes on trying")
  func retries() async throws {
    let controls = TestLog.Controls()
    controls.fail(with: .diskFull)
    try await withBus(BusSetup(wrapping: { TestLog($0, controls) })) { bus in
      async let run = Python.publish([RunningBus.event("a")], to: bus)
      while controls.appends.isEmpty { await Task.yield() }
      controls.fail(with: nil)
      let status = try await run.status
      #expect(status == .exited(0))
      #expect(controls.appends.count > 1)
    }
  }
}
