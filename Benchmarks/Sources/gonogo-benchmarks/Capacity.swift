/// The figures of one load on both engines, and those of `pgbench` with as many clients as there are publishers.
struct Capacity {
  /// 1 and 16 publishers, from one event at a time to the maximum that they can have outstanding.
  static let loads = [
    PublishLoad(publishers: 1, outstanding: 1), PublishLoad(publishers: 1, outstanding: 1_024),
    PublishLoad(publishers: 16, outstanding: 1), PublishLoad(publishers: 16, outstanding: 64),
    PublishLoad(publishers: 16, outstanding: 1_024),
  ]

  var load: PublishLoad
  var sqlite: [PublishFigures] = []
  var postgreSQL: [PublishFigures] = []
  /// Rows per second, one per transaction.
  var oneByOne: [Double] = []
  /// Rows per second, 500 per transaction.
  var batches: [Double] = []

  /// Measures all four in turn within each run, so that other load on the machine slows all of them alike.
  init(
    of load: PublishLoad, runs: Int, seconds: Double, place: Workplace, server: PostgreSQLBaseline
  ) async throws {
    self.load = load
    for run in 0..<runs {
      sqlite.append(try await place.publish(load, seconds: seconds, run: UInt32(run)))
      oneByOne.append(try server.insert(rows: 1, clients: load.publishers, seconds: seconds))
      try server.removeLog()
      postgreSQL.append(
        try await place.publish(load, seconds: seconds, run: UInt32(run), databaseURL: server.url))
      try server.removeLog()
      batches.append(try server.insert(rows: 500, clients: load.publishers, seconds: seconds))
    }
  }
}
