import Documents
public import LaunchModel
public import Storage
import Synchronization

/// The calendars that a service counts by: those that were adopted, over the built-in ones.
///
/// They are kept in the service's store, so that every replica counts by the same, and read there in each transaction; what was
/// read before is remembered by its version.
public final class CalendarRepository: Sendable {
  private struct Remembered {
    var version: Int
    var calendar: CalendarDocument
  }

  private let remembered = Mutex<[String: Remembered]>([:])

  public init() {}

  /// The table of adopted calendars, each of their versions kept.
  public static let table = """
    CREATE TABLE calendars (
      calendar TEXT NOT NULL, version BIGINT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (calendar, version))
    """

  /// The calendars as the transaction sees them.
  public func book(_ db: any Transaction) throws -> CalendarSet {
    var book = CalendarSet(BuiltIn.calendars)
    let rows = try db.query("SELECT calendar, MAX(version) AS version FROM calendars GROUP BY calendar")
    for row in rows { book.adopt(try calendar(try row.text("calendar"), version: try row.int("version"), db)) }
    return book
  }

  /// How often a calendar of that key was adopted.
  public func version(of key: String, _ db: any Transaction) throws -> Int {
    try db.queryOne("SELECT COALESCE(MAX(version), 0) AS version FROM calendars WHERE calendar = ?", [key])?
      .int("version") ?? 0
  }

  /// Keeps a version of a calendar; one that is kept already is left as it is.
  ///
  /// - Returns: whether it is new.
  @discardableResult
  public func keep(_ calendar: CalendarDocument, version: Int, _ db: any Transaction) throws -> Bool {
    try db.execute(
      """
      INSERT INTO calendars (calendar, version, document) VALUES (?, ?, ?)
      ON CONFLICT (calendar, version) DO NOTHING
      """, [calendar.key, version, try SQLValue.json(calendar)]) > 0
  }

  private func calendar(_ key: String, version: Int, _ db: any Transaction) throws -> CalendarDocument {
    if let known = remembered.withLock({ $0[key] }), known.version == version { return known.calendar }
    let row = try db.queryOne("SELECT document FROM calendars WHERE calendar = ? AND version = ?", [key, version])
    guard let calendar = try row?.json("document", as: CalendarDocument.self) else {
      throw Problem.internalError("the calendar \(key) is gone")
    }
    remembered.withLock { $0[key] = Remembered(version: version, calendar: calendar) }
    return calendar
  }
}
