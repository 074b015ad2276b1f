import Foundation
import LaunchModel

@testable import BusCore

/// A log in a temporary folder, closed and removed when the body ends.
func withLog<R>(_ body: (LogFixture) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gonogo-log-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let fixture = try LogFixture(path: folder.appendingPathComponent("log.sqlite").path)
  defer { try? fixture.database.close() }
  return try body(fixture)
}

/// An open log, and events to put into it.
final class LogFixture {
  let path: String
  private(set) var database: BusDatabase
  private(set) var log: SQLiteEventLog
  var ledger: Ledger { Ledger(database) }

  init(path: String) throws {
    self.path = path
    database = try BusDatabase(path: path)
    log = try SQLiteEventLog(database)
  }

  /// Closes the log and opens it again.
  func reopen(between body: () throws -> Void = {}) throws {
    try database.close()
    try body()
    database = try BusDatabase(path: path)
    log = try SQLiteEventLog(database)
  }

  static func event(
    _ id: String, source: String = "//test", type: String = "com.example.a", data: String = "1"
  ) throws -> ScannedEvent {
    var scanner = EventScanner(maximumBytes: 1 << 20)
    let text = #"{"specversion":"1.0","id":"\#(id)","source":"\#(source)","type":"\#(type)","data":\#(data)}"#
    return try scanner.scan(Array(text.utf8))
  }

  @discardableResult
  func append(_ ids: String..., at seconds: Int64 = 0) throws -> [AppendOutcome] {
    try log.append(ids.map { try Self.event($0) }, at: Timestamp(microseconds: seconds * 1_000_000))
  }

  /// The ids of what the log holds after an offset.
  func ids(after offset: Int64 = 0) throws -> [String] {
    var scanner = EventScanner()
    return try log.read(after: offset, matching: .all, limits: ReadLimits()).events.map {
      let event = try scanner.scan($0.bytes)
      return event.string(event.id)
    }
  }
}
