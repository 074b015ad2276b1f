import ArgumentParser
import CBench
import Foundation

/// Measures the bus and prints a table for the README.
@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gonogo-benchmarks",
    abstract: "Measures acknowledged events a second beside what bare C inserts, call round trips, and the disk.")

  @Option(help: "Folder of the built executables.")
  var bin = ".build-release/release"
  @Option(help: "Folder on the disk that is measured; what is made in it is removed.")
  var folder = FileManager.default.currentDirectoryPath
  @Option(help: "Seconds of each measurement.")
  var seconds = 5.0
  @Option(help: "Measurements of each figure, of which the median is told.")
  var runs = 3
  @Flag(help: "Only the table of both engines; needs GONOGO_TEST_POSTGRES, as deploy/postgres-for-tests sets it.")
  var capacity = false
  @Option(
    help:
      "Only the questions of a calendar of so many launches; on PostgreSQL too where GONOGO_TEST_POSTGRES names a server."
  )
  var launches: Int?
  @Flag(help: "Only 16 publishers with 64 events outstanding, and what bare C does.")
  var short = false

  func run() async throws {
    let place = try Workplace(folder: folder, bin: bin)
    defer { place.remove() }
    Report.machine(fsync: bench_fsync(place.path("fsync"), 200))
    if let launches { return try await measureLaunches(launches, place) }
    if !capacity { try await measureBus(place) }
    guard let url = PostgreSQLBaseline.serverURL else {
      guard !capacity else { throw ValidationError("GONOGO_TEST_POSTGRES names no server") }
      return
    }
    try await measureBothEngines(place, try PostgreSQLBaseline(url: url, folder: place.path("")))
  }

  private func measureLaunches(_ count: Int, _ place: Workplace) async throws {
    Report.launches(try await place.launches(count, questions: 100), on: "SQLite")
    guard let url = PostgreSQLBaseline.serverURL else { return }
    let version = try PostgreSQLBaseline(url: url, folder: place.path("")).version
    Report.launches(
      try await place.launches(count, questions: 100, databaseURL: url), on: "PostgreSQL \(version)")
  }

  private func measureBothEngines(_ place: Workplace, _ server: PostgreSQLBaseline) async throws {
    Report.capacityHeading(server: server.version)
    for load in short ? [PublishLoad(publishers: 16, outstanding: 64)] : Capacity.loads {
      Report.capacity(try await Capacity(of: load, runs: runs, seconds: seconds, place: place, server: server))
    }
  }

  private func measureBus(_ place: Workplace) async throws {
    Report.loadHeading()
    let loads = short ? [PublishLoad(publishers: 16, outstanding: 64)] : PublishLoad.all
    var rates: [Double] = []
    var baselines: [Double] = []
    for load in loads {
      // Side by side, so that a busy neighbour slows both.
      let measured = try await (0..<runs).asyncMap { run in
        baselines.append(try place.baseline())
        return try await place.publish(load, seconds: seconds, run: UInt32(run))
      }
      let median = measured.map(\.rate).median
      Report.load(load, measured)
      if load == PublishLoad(publishers: 16, outstanding: 64) { rates.append(median) }
    }
    Report.baseline(baselines.median, bus: rates.median)
    guard !short else { return }
    Report.roundTrip(try await place.roundTrips(2_000))
    Report.visible(try await place.visible(singles: 200, bulk: 50_000))
  }
}

extension [Double] {
  /// The middle value; of an even number the upper of the two; 0 of none.
  var median: Double { isEmpty ? 0 : sorted()[count / 2] }

  /// The value that the share of all does not exceed.
  func quantile(_ share: Double) -> Double {
    isEmpty ? 0 : sorted()[Swift.min(count - 1, Int(share * Double(count)))]
  }
}

extension Range<Int> {
  /// One after the other.
  func asyncMap<R>(_ body: (Int) async throws -> R) async rethrows -> [R] {
    var results: [R] = []
    for index in self { results.append(try await body(index)) }
    return results
  }
}
