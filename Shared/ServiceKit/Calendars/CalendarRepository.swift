import Documents
public import LaunchModel
import Contract
public import Storage
import Synchronization

/// The calendars that a service uses: the adopted ones, which override the built-in ones.
///
/// They are stored in the service's database, so that every replica uses the same ones, and read in each transaction.
/// Parsed calendars are cached by their version.
public final class CalendarRepository: Sendable {
  private struct CacheEntry {
    var version: Int
    var calendar: CalendarDocument
  }

  private let cache = Mutex<[String: CacheEntry]>([:])

  public init() {}

  /// The schema of the table of adopted calendars, with all of their versions.
  public static let table = """
    CREATE TABLE calendars (
      calendar TEXT NOT NULL, version BIGINT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (calendar, version))
    """

  /// Under the chain of calendars.
  public static let audited = AuditedTable(
    "calendars", of: .fixed(CalendarChanged.subject), prefix: "calendar", keys: ["calendar", "version"],
    columns: ["document"])

  /// Returns the calendars as the transaction sees them.
  public func all(_ db: any Transaction) throws -> CalendarSet {
    var calendars = CalendarSet(BuiltIn.calendars)
    let rows = try db.query("SELECT calendar, MAX(version) AS version FROM calendars GROUP BY calendar")
    for row in rows { calendars.adopt(try calendar(try row.text("calendar"), version: try row.int("version"), db)) }
    return calendars
  }

  /// Returns the newest version of a calendar; 0 if it was never adopted.
  public func version(of key: String, _ db: any Transaction) throws -> Int {
    try db.queryOne("SELECT COALESCE(MAX(version), 0) AS version FROM calendars WHERE calendar = ?", [key])?
      .int("version") ?? 0
  }

  /// Saves a version of a calendar; an existing version is left unchanged.
  ///
  /// - Returns: whether it is new.
  @discardableResult
  public func save(_ calendar: CalendarDocument, version: Int, _ db: any Transaction) throws -> Bool {
    try db.execute(
      """
      INSERT INTO calendars (calendar, version, document) VALUES (?, ?, ?)
      ON CONFLICT (calendar, version) DO NOTHING
      """, [calendar.key, version, try SQLValue.json(calendar)]) > 0
  }

  private func calendar(_ key: String, version: Int, _ db: any Transaction) throws -> CalendarDocument {
    if let cached = cache.withLock({ $0[key] }), cached.version == version { return cached.calendar }
    let row = try db.queryOne("SELECT document FROM calendars WHERE calendar = ? AND version = ?", [key, version])
    guard let calendar = try row?.json("document", as: CalendarDocument.self) else {
      throw Problem.internalError("version \(version) of the calendar \(key) is missing from the store")
    }
    cache.withLock { $0[key] = CacheEntry(version: version, calendar: calendar) }
    return calendar
  }
}
