import CBench

/// What publishers do at once.
struct PublishLoad: Equatable {
  var publishers: Int
  /// Events that each has sent without an answer.
  var outstanding: Int
  /// Events of one message.
  var eventsPerMessage: Int { min(16, outstanding) }
  /// Bytes of one event.
  static let eventBytes = 235

  /// 1 and 16 publishers with 1, 64 and 1,024 events outstanding.
  static let all = [1, 16].flatMap { publishers in
    [1, 64, 1_024].map { PublishLoad(publishers: publishers, outstanding: $0) }
  }
}

/// What a load came to.
struct PublishFigures {
  /// Acknowledged events a second.
  var rate: Double
  /// From sending a message to its answer, in milliseconds.
  var p50: Double
  var p99: Double
  /// The publishers' own processor time for an event, in microseconds.
  var publisherCost: Double

  init(_ result: bench_result) {
    rate = Double(result.acknowledged) / result.seconds
    p50 = result.p50_us / 1_000
    p99 = result.p99_us / 1_000
    publisherCost = result.cpu_seconds / Double(max(result.acknowledged, 1)) * 1e6
  }
}
