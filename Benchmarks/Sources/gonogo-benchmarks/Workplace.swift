import CBench
import Foundation
import Contract
import LaunchModel
import Logging
import Messaging
import ZeroMQ

/// A folder for the measurements, and the processes that use it.
struct Workplace {
  private let folder: String
  private let bin: String

  init(folder: String, bin: String) throws {
    self.folder = "\(folder)/gonogo-benchmark-\(getpid())"
    self.bin = bin
    guard FileManager.default.isExecutableFile(atPath: "\(bin)/gonogo-bus") else {
      throw BenchmarkFailure(
        message: "no gonogo-bus in \(bin); build it with `swift build -c release --scratch-path .build-release`, "
          + "or pass another folder with --bin")
    }
    try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
  }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// Returns the events per second that bare C inserts, in batches of 1,000.
  func baseline() throws -> Double {
    let path = path("baseline")
    defer { for suffix in ["", "-wal"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
    let rate = bench_sqlite(path, 300_000, 1_000, Int32(PublishLoad.eventBytes))
    guard rate > 0 else { throw BenchmarkFailure(message: "SQLite failed in \(folder)") }
    return rate
  }

  /// Runs the publishers against a bus of their own, with an empty log.
  ///
  /// - Parameter databaseURL: the server for the log; nil for SQLite.
  func publish(
    _ load: PublishLoad, seconds: Double, run: UInt32, databaseURL: String? = nil
  ) async throws -> PublishFigures {
    try await withServices([.bus], databaseURL: databaseURL) { services in
      var result = bench_result()
      let fault = try services.endpoint(.bus).address.withCString { address in
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

  /// Returns the milliseconds of each call, made one after the other.
  func roundTrips(_ count: Int) async throws -> [Double] {
    try await withServices([.bus]) { services in
      let client = try services.client(.bus)
      var times: [Double] = []
      for _ in 0..<count {
        let started = ContinuousClock.now
        _ = try await client.call(ServiceRoutes.ping(.bus), NoParameters())
        times.append((ContinuousClock.now - started) / .milliseconds(1))
      }
      return times
    }
  }

  /// Runs services on empty stores, and stops them afterwards.
  func withServices<R>(
    _ names: [ServiceName], databaseURL: String? = nil, _ body: (RunningServices) async throws -> R
  ) async throws -> R {
    let home = path("data-\(UInt32.random(in: 0...UInt32.max))")
    // Socket paths must be short, so only the data are on the measured disk.
    let run = "/tmp/gonogo-benchmark-\(getpid())"
    var processes: [Process] = []
    defer {
      for process in processes.reversed() {
        process.terminate()
        process.waitUntilExit()
      }
      try? FileManager.default.removeItem(atPath: home)
      try? FileManager.default.removeItem(atPath: run)
    }
    let services = try RunningServices(run: run)
    for name in names {
      let process = Process()
      process.executableURL = URL(filePath: "\(bin)/gonogo-\(name.rawValue)")
      process.arguments = ["--run", run, "--data", home, "--log-level", "error"]
      process.environment = ProcessInfo.processInfo.environment.merging(["GONOGO_DATABASE_URL": databaseURL ?? ""]) {
        $1
      }
      try process.run()
      processes.append(process)
      try await services.waitUntilItAnswers(name)
    }
    let result = try await body(services)
    await services.reactor.shutdown()
    return result
  }
}

/// The services that run during a measurement.
struct RunningServices {
  let reactor: Reactor
  private let run: String
  private let logger = Logger(label: "benchmarks") { _ in SwiftLogNoOpLogHandler() }

  init(run: String) throws {
    self.run = run
    reactor = try Reactor(logger: logger)
  }

  func endpoint(_ service: ServiceName) throws -> Endpoint { try Endpoint(path: "\(run)/\(service.rawValue).sock") }

  func client(_ service: ServiceName) throws -> RPCClient {
    RPCClient(reactor: reactor, service: service, endpoints: [try endpoint(service)], logger: logger)
  }

  func waitUntilItAnswers(_ service: ServiceName) async throws {
    let client = try client(service)
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      do {
        _ = try await client.call(ServiceRoutes.ping(service), NoParameters(), timeout: .seconds(1))
        return
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
      }
    }
  }
}

/// The reason why a measurement could not be made.
struct BenchmarkFailure: Error, CustomStringConvertible {
  let message: String
  var description: String { message }
}
