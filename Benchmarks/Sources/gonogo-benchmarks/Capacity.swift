/// What a load came to on both engines, and what `pgbench` inserts with as many clients as there are publishers.
struct Capacity {
  /// 1 and 16 publishers, from one event at a time to as many as they can have outstanding.
  static let loads = [
    PublishLoad(publishers: 1, outstanding: 1), PublishLoad(publishers: 1, outstanding: 1_024),
    PublishLoad(publishers: 16, outstanding: 1), PublishLoad(publishers: 16, outstanding: 64),
    PublishLoad(publishers: 16, outstanding: 1_024),
  ]

  var load: PublishLoad
  var sqlite: [PublishFigures] = []
  var postgreSQL: [PublishFigures] = []
  /// Rows a second, one in a transaction.
  var oneByOne: [Double] = []
  /// Rows a second, 500 in a transaction.
  var batches: [Double] = []

  /// Measures one after the other in each run, so that a busy neighbour slows all of them.
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
