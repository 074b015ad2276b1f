import CBench
import Foundation
import LaunchModel
import Logging
import Messaging
import ZeroMQ

/// A folder for what is measured, and the processes in it.
struct Workplace {
  private let folder: String
  private let bin: String

  init(folder: String, bin: String) throws {
    self.folder = "\(folder)/gonogo-benchmark-\(getpid())"
    self.bin = bin
    try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// Events a second that bare C inserts in batches of 1,000.
  func baseline() throws -> Double {
    let path = path("baseline")
    defer { for suffix in ["", "-wal"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
    let rate = bench_sqlite(path, 300_000, 1_000, Int32(PublishLoad.eventBytes))
    guard rate > 0 else { throw BenchmarkFailure(message: "SQLite failed in \(folder)") }
    return rate
  }

  /// Lets publishers publish to a bus of their own, on an empty log.
  func publish(_ load: PublishLoad, seconds: Double, run: UInt32) async throws -> PublishFigures {
    try await withBus { endpoint, _ in
      var result = bench_result()
      let fault = endpoint.withCString { address in
        var request = bench_load(
          endpoint: address, publishers: Int32(load.publishers), outstanding: Int32(load.outstanding),
          events_per_message: Int32(load.eventsPerMessage), event_bytes: Int32(PublishLoad.eventBytes),
          seconds: seconds, run: run)
        return bench_publish(&request, &result)
      }
      guard fault == 0, result.refused == 0 else {
        throw BenchmarkFailure(message: "publishing failed: \(fault), \(result.refused) events refused")
      }
      return PublishFigures(result)
    }
  }

  /// Milliseconds of calls made one after the other.
  func roundTrips(_ count: Int) async throws -> [Double] {
    try await withBus { _, client in
      var times: [Double] = []
      for _ in 0..<count {
        let started = ContinuousClock.now
        _ = try await client.call(ServiceRoutes.ping(.bus), NoParameters())
        times.append((ContinuousClock.now - started) / .milliseconds(1))
      }
      return times
    }
  }

  private func withBus<R>(_ body: (_ endpoint: String, _ client: RPCClient) async throws -> R) async throws -> R {
    let home = path("bus-\(UInt32.random(in: 0...UInt32.max))")
    // A socket's path is short; the data are on the disk that is measured.
    let run = "/tmp/gonogo-benchmark-\(getpid())"
    let process = Process()
    process.executableURL = URL(filePath: "\(bin)/gonogo-bus")
    process.arguments = ["--run", run, "--data", home, "--log-level", "error"]
    try process.run()
    defer {
      process.terminate()
      process.waitUntilExit()
      try? FileManager.default.removeItem(atPath: home)
      try? FileManager.default.removeItem(atPath: run)
    }
    let logger = Logger(label: "benchmarks") { _ in SwiftLogNoOpLogHandler() }
    let reactor = try Reactor(logger: logger)
    let endpoint = try Endpoint(path: "\(run)/bus.sock")
    let client = RPCClient(reactor: reactor, service: .bus, endpoints: [endpoint], logger: logger)
    try await waitUntilItAnswers(client)
    let result = try await body(endpoint.address, client)
    await reactor.shutdown()
    return result
  }

  private func waitUntilItAnswers(_ client: RPCClient) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      do {
        _ = try await client.call(ServiceRoutes.ping(.bus), NoParameters(), timeout: .seconds(1))
        return
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
      }
    }
  }
}

/// A measurement that could not be made.
struct BenchmarkFailure: Error, CustomStringConvertible {
  let message: String
  var description: String { message }
}
