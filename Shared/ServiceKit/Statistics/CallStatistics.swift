import Foundation
public import Contract
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

/// How long calls took, in a fixed number of buckets that each reach a fifth further than the one before.
struct LatencyHistogram: Sendable {
  /// The first bucket's upper bound is 50 µs, the last but one's about 4 minutes; the last takes the rest.
  private static let bounds: [Double] = {
    var bounds = [0.05]
    while bounds.count < 85, let last = bounds.last { bounds.append(last * 1.2) }
    return bounds
  }()

  private var counts = [Int](repeating: 0, count: bounds.count + 1)
  private(set) var count = 0
  /// The longest, in milliseconds.
  private(set) var maximum = 0.0

  mutating func note(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let milliseconds = Double(seconds) * 1_000 + Double(attoseconds) / 1e15
    counts[Self.bounds.firstIndex { milliseconds <= $0 } ?? Self.bounds.count] += 1
    count += 1
    maximum = max(maximum, milliseconds)
  }

  /// The bound, in milliseconds, that at least this share of the durations did not exceed; 0 where there are none.
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

/// Which process this is, for `service.ping` and `service.info`.
public struct ProcessIdentity: Sendable {
  /// Which service the process runs.
  public let service: ServiceName
  /// Another one with every start.
  public let instance: String
  /// When the process started, on the service's clock.
  public let startedAt: Timestamp
  /// The operating system's id of the process.
  public let pid: Int

  /// Names this process, with a new instance.
  public init(service: ServiceName, startedAt: Timestamp) {
    self.service = service
    self.startedAt = startedAt
    pid = Int(getpid())
    instance = EventID.next(at: startedAt)
  }

  /// The principal that this process is to others on its Unix sockets.
  public static var ownPrincipal: Principal { .uid(geteuid()) }

  /// A sign of life.
  public func ping(_ clock: any ServiceClock) -> ServicePing {
    ServicePing(service: service, pid: pid, version: ProductVersion.current, now: clock.now(), clock: clock.setting)
  }

  /// What runs here.
  public func info(_ clock: any ServiceClock, methods: [String]) -> ServiceInfo {
    ServiceInfo(
      name: service, instance: instance, version: ProductVersion.current, pid: pid, startedAt: startedAt,
      methods: methods.sorted(), clock: clock.setting)
  }
}
