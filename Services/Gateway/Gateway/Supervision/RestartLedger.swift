import FoundationEssentials
import JSON
import LaunchModel
import Synchronization

/// A process that repeatedly ends soon after its start, and when it will be started again.
struct Restarts: Codable, Sendable, Hashable {
  /// The service, for example `bus`.
  var service: ServiceName
  /// How often in a row it ended within 10 s of its start, for example 7.
  var ends: Int
  /// How it last ended, for example `signal 9`.
  var reason: String
  /// When it was or will be started again, by the system clock.
  var nextStart: Timestamp

  /// A summary of the ends, such as `ended 7 times in a row (signal 9)`.
  var endsSummary: String { "ended \(counted(ends, "time")) in a row (\(reason))" }

  /// Returns a summary such as `ended 7 times in a row (signal 9); next start in 12 s`.
  func summary(at now: Timestamp) -> String {
    let wait = Int((nextStart.microseconds - now.microseconds + 999_999) / 1_000_000)
    let next = wait > 0 ? "next start in \(wait) s" : "started again"
    return "\(endsSummary); \(next)"
  }
}

/// The current restarts of a run folder's supervisor, in a file that `ps` and `doctor` read.
final class RestartLedger: Sendable {
  private let path: String
  private let entries = Mutex<[ServiceName: Restarts]>([:])

  init(runFolder: String) { path = "\(runFolder)/gonogo.restarts" }

  /// Records the end of a process and the delay until its next start. Returns nil, or why the file could not be
  /// written.
  func record(_ service: ServiceName, ends: Int, reason: String, delay: Duration) -> String? {
    let milliseconds = Int64(delay / .milliseconds(1))
    let next = Timestamp(microseconds: SystemClock().now().microseconds + milliseconds * 1_000)
    return change { $0[service] = Restarts(service: service, ends: ends, reason: reason, nextStart: next) }
  }

  /// Removes a process that has run for long enough or will not be started again. Returns nil, or why the file could
  /// not be written.
  func clear(_ service: ServiceName) -> String? { change { $0[service] = nil } }

  /// Deletes the entries of an earlier supervisor. Returns nil, or why the file could not be written.
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

  /// Returns the entries of the run folder's running supervisor; none if there is no file or it cannot be read.
  static func current(runFolder: String) -> [Restarts] {
    do {
      return try JSONCoding.decode([Restarts].self, from: try InputFile("\(runFolder)/gonogo.restarts").bytes())
    } catch {
      // The entries only add an explanation to states that are found anyway, so an unreadable file is not an error.
      return []
    }
  }
}
