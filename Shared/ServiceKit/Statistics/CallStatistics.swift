public import LaunchModel
import Synchronization

/// Counts a process's calls by method, with their errors and how long they took.
public final class CallStatistics: Sendable {
  private struct Record {
    var errors = 0
    var lastError: LastError?
    var latency = LatencyHistogram()
  }

  private let records = Mutex<[String: Record]>([:])

  public init() {}

  /// Notes a call that succeeded.
  public func note(_ method: String, _ duration: Duration) {
    records.withLock { $0[method, default: Record()].latency.note(duration) }
  }

  /// Notes a call that failed.
  public func note(_ method: String, _ duration: Duration, _ problem: Problem, at now: Timestamp) {
    let error = LastError(
      code: problem.code, detail: problem.detail.isEmpty ? problem.title : problem.detail, at: now)
    records.withLock { records in
      records[method, default: Record()].latency.note(duration)
      records[method, default: Record()].errors += 1
      records[method, default: Record()].lastError = error
    }
  }

  /// The figures of every method that was called.
  public var methods: [String: MethodStats] {
    records.withLock { records in
      records.mapValues { record in
        MethodStats(
          requests: record.latency.count, errors: record.errors, lastError: record.lastError,
          p50Ms: record.latency.quantile(0.5), p90Ms: record.latency.quantile(0.9),
          p99Ms: record.latency.quantile(0.99), maxMs: record.latency.maximum)
      }
    }
  }
}
