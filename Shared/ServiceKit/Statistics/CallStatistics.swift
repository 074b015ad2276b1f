import Foundation
public import Contract
public import LaunchModel
import Synchronization

/// Statistics of a process's calls by method: counts, errors and latencies.
public final class CallStatistics: Sendable {
  private struct Record {
    var errors = 0
    var lastError: LastError?
    var latency = LatencyHistogram()
  }

  private let records = Mutex<[String: Record]>([:])

  public init() {}

  /// Records a call that succeeded.
  public func record(_ method: String, _ duration: Duration) {
    records.withLock { $0[method, default: Record()].latency.record(duration) }
  }

  /// Records a call that failed.
  public func record(_ method: String, _ duration: Duration, _ problem: Problem, at now: Timestamp) {
    let error = LastError(
      code: problem.code, detail: problem.detail.isEmpty ? problem.title : problem.detail, at: now)
    records.withLock { records in
      records[method, default: Record()].latency.record(duration)
      records[method, default: Record()].errors += 1
      records[method, default: Record()].lastError = error
    }
  }

  /// The statistics of every method that was called.
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

/// A latency histogram with a fixed number of buckets, in which each upper bound is 1.2 times the previous one.
struct LatencyHistogram: Sendable {
  /// The upper bounds in milliseconds: from 50 µs to about 4 minutes. One more bucket contains everything above.
  private static let bounds: [Double] = {
    var bounds = [0.05]
    while bounds.count < 85, let last = bounds.last { bounds.append(last * 1.2) }
    return bounds
  }()

  private var counts = [Int](repeating: 0, count: bounds.count + 1)
  private(set) var count = 0
  /// The longest duration, in milliseconds.
  private(set) var maximum = 0.0

  mutating func record(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let milliseconds = Double(seconds) * 1_000 + Double(attoseconds) / 1e15
    counts[Self.bounds.firstIndex { milliseconds <= $0 } ?? Self.bounds.count] += 1
    count += 1
    maximum = max(maximum, milliseconds)
  }

  /// Returns the upper bound, in milliseconds, of at least the given share of the durations; 0 if there are none.
  func quantile(_ share: Double) -> Double {
    guard count > 0 else { return 0 }
    let rank = max(1, Int((share * Double(count)).rounded(.up)))
    var seen = 0
    for (index, bucket) in counts.enumerated() {
      seen += bucket
      if seen >= rank { return index < Self.bounds.count ? min(Self.bounds[index], maximum) : maximum }
    }
    return maximum
  }
}

/// The identity of this process, for `service.ping` and `service.info`.
public struct ProcessIdentity: Sendable {
  /// The service that the process runs.
  public let service: ServiceName
  /// The instance id, unique for every start.
  public let instance: String
  /// When the process started, on the service's clock.
  public let startedAt: Timestamp
  /// The process id.
  public let pid: Int

  /// Creates the identity of this process, with a new instance id.
  public init(service: ServiceName, startedAt: Timestamp) {
    self.service = service
    self.startedAt = startedAt
    pid = Int(getpid())
    instance = EventID.next(at: startedAt)
  }

  /// The principal under which others see this process on Unix sockets.
  public static var ownPrincipal: Principal { .uid(geteuid()) }

  /// Returns the answer to `service.ping`.
  public func ping(_ clock: any ServiceClock) -> ServicePing {
    ServicePing(service: service, pid: pid, version: ProductVersion.current, now: clock.now(), clock: clock.setting)
  }

  /// Returns the answer to `service.info`.
  public func info(_ clock: any ServiceClock, methods: [String]) -> ServiceInfo {
    ServiceInfo(
      name: service, instance: instance, version: ProductVersion.current, pid: pid, startedAt: startedAt,
      methods: methods.sorted(), clock: clock.setting)
  }
}
