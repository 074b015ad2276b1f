import CBench

/// How many publishers run at once, and how much each sends.
struct PublishLoad: Equatable {
  var publishers: Int
  /// Unacknowledged events per publisher.
  var outstanding: Int
  /// Events per message.
  var eventsPerMessage: Int { min(16, outstanding) }
  /// Bytes per event.
  static let eventBytes = 235

  /// 1 and 16 publishers with 1, 64 and 1,024 events outstanding.
  static let all = [1, 16].flatMap { publishers in
    [1, 64, 1_024].map { PublishLoad(publishers: publishers, outstanding: $0) }
  }
}

/// The figures of one load.
struct PublishFigures {
  /// Acknowledged events per second.
  var rate: Double
  /// Milliseconds from sending a message to its answer.
  var p50: Double
  var p99: Double
  /// Processor time of the publishers themselves per event, in microseconds.
  var publisherCost: Double

  init(_ result: bench_result) {
    rate = Double(result.acknowledged) / result.seconds
    p50 = result.p50_us / 1_000
    p99 = result.p99_us / 1_000
    publisherCost = result.cpu_seconds / Double(max(result.acknowledged, 1)) * 1e6
  }
}
