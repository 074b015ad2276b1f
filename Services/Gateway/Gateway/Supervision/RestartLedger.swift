import FoundationEssentials
import JSON
import LaunchModel
import Synchronization

/// A process that keeps ending right after its start, and when it is started again.
struct Restarts: Codable, Sendable, Hashable {
  /// The service, for example `bus`.
  var service: ServiceName
  /// How often in a row it ended within 10 s of its start, for example 7.
  var ends: Int
  /// How it ended last, for example `signal 9`.
  var reason: String
  /// When it was or will be started again, by the system's clock.
  var nextStart: Timestamp

  /// `ended 7 times in a row (signal 9)`.
  var endsSummary: String { "ended \(counted(ends, "time")) in a row (\(reason))" }

  /// `ended 7 times in a row (signal 9); next start in 12 s`.
  func summary(at now: Timestamp) -> String {
    let wait = Int((nextStart.microseconds - now.microseconds + 999_999) / 1_000_000)
    let next = wait > 0 ? "next start in \(wait) s" : "started again"
    return "\(endsSummary); \(next)"
  }
}

/// The restarts that the supervisor of a run folder is at, in a file for `ps` and `doctor`.
final class RestartLedger: Sendable {
  private let path: String
  private let entries = Mutex<[ServiceName: Restarts]>([:])

  init(runFolder: String) { path = "\(runFolder)/gonogo.restarts" }

  /// Records the end of a process and the delay until its next start; returns nil if the file was written, or why not.
  func record(_ service: ServiceName, ends: Int, reason: String, delay: Duration) -> String? {
    let milliseconds = Int64(delay / .milliseconds(1))
    let next = Timestamp(microseconds: SystemClock().now().microseconds + milliseconds * 1_000)
    return change { $0[service] = Restarts(service: service, ends: ends, reason: reason, nextStart: next) }
  }

  /// The process has run for long enough, or is not started again; returns nil, or why the file was not written.
  func clear(_ service: ServiceName) -> String? { change { $0[service] = nil } }

  /// Forgets what an earlier supervisor wrote.
  func reset() -> String? { change { $0 = [:] } }

  private func change(_ body: (inout [ServiceName: Restarts]) -> Void) -> String? {
    entries.withLock { entries in
      body(&entries)
      do {
        let list = entries.values.sorted { $0.service.rawValue < $1.service.rawValue }
        try Data(try JSONCoding.encode(list)).write(to: URL(fileURLWithPath: path), options: .atomic)
        return nil
      } catch {
        return "\(error)"
      }
    }
  }

  /// What a running supervisor of the run folder has written; none if there is no file, or if it is unreadable.
  static func current(runFolder: String) -> [Restarts] {
    do {
      return try JSONCoding.decode([Restarts].self, from: try InputFile("\(runFolder)/gonogo.restarts").bytes())
    } catch {
      // It only explains what is found anyway, so a file that cannot be read explains nothing.
      return []
    }
  }
}
