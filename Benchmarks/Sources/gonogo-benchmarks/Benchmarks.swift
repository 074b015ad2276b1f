import ArgumentParser
import CBench
import Foundation

/// Measures the bus and prints a table for the README.
@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gonogo-benchmarks",
    abstract: "Measure acknowledged events per second beside a baseline in C, call round trips, and the disk.")

  @Option(help: "Folder of the built executables.")
  var bin = ".build-release/release"
  @Option(help: "Folder on the disk to measure; temporary files in it are removed.")
  var folder = FileManager.default.currentDirectoryPath
  @Option(help: "Seconds per measurement.")
  var seconds = 5.0
  @Option(help: "Measurements per figure; the median is printed.")
  var runs = 3
  @Flag(help: "Print only the table of both engines; needs GONOGO_TEST_POSTGRES, see deploy/postgres-for-tests.")
  var capacity = false
  @Option(
    help:
      "Measure only queries over this many launches; also on PostgreSQL if GONOGO_TEST_POSTGRES is set."
  )
  var launches: Int?
  @Flag(help: "Measure only 16 publishers with 64 events outstanding, and the baseline in C.")
  var short = false

  func run() async throws {
    let place = try Workplace(folder: folder, bin: bin)
    defer { place.remove() }
    Report.machine(fsync: bench_fsync(place.path("fsync"), 200))
    if let launches { return try await measureLaunches(launches, place) }
    if !capacity { try await measureBus(place) }
    guard let url = PostgreSQLBaseline.serverURL else {
      guard !capacity else {
        throw ValidationError("--capacity needs GONOGO_TEST_POSTGRES; see deploy/postgres-for-tests")
      }
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
      // In turn, so that other load on the machine slows both alike.
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
  /// The middle value; the upper one if the count is even; 0 if there is none.
  var median: Double { isEmpty ? 0 : sorted()[count / 2] }

  /// Returns the value that the given share of all values does not exceed.
  func quantile(_ share: Double) -> Double {
    isEmpty ? 0 : sorted()[Swift.min(count - 1, Int(share * Double(count)))]
  }
}

extension Range<Int> {
  /// Calls `body` for each element, one after the other.
  func asyncMap<R>(_ body: (Int) async throws -> R) async rethrows -> [R] {
    var results: [R] = []
    for index in self { results.append(try await body(index)) }
    return results
  }
}
