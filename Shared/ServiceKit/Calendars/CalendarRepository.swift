import Documents
public import LaunchModel
import Contract
public import Storage
import Synchronization

/// The calendars that a service uses: the adopted ones, which override the built-in ones.
///
/// They are stored in the service's database, so that every replica uses the same ones, and read in each transaction.
/// Parsed calendars are cached together with their text, because after a rollback another document may be stored under
/// the same version.
public final class CalendarRepository: Sendable {
  private struct CacheEntry {
    var document: String
    var calendar: CalendarDocument
  }

  private let cache = Mutex<[String: CacheEntry]>([:])

  public init() {}

  /// The schema of the table of adopted calendars, which has all of their versions.
  public static let table = """
    CREATE TABLE calendars (
      calendar TEXT NOT NULL, version BIGINT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (calendar, version))
    """

  /// The audited table, covered by the chain of calendars.
  public static let audited = AuditedTable(
    "calendars", of: .fixed(CalendarChanged.subject), prefix: "calendar", keys: ["calendar", "version"],
    columns: ["document"])

  /// Returns the calendars as the transaction sees them.
  public func all(_ db: any Transaction) throws -> CalendarSet {
    var calendars = CalendarSet(BuiltIn.calendars)
    let rows = try db.query(
      """
      SELECT calendar, document FROM calendars AS adopted
      WHERE version = (SELECT MAX(version) FROM calendars WHERE calendar = adopted.calendar)
      """)
    for row in rows { calendars.adopt(try calendar(row)) }
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

  private func calendar(_ row: Row) throws -> CalendarDocument {
    let (key, document) = (try row.text("calendar"), try row.text("document"))
    if let cached = cache.withLock({ $0[key] }), cached.document == document { return cached.calendar }
    let calendar = try row.json("document", as: CalendarDocument.self)
    cache.withLock { $0[key] = CacheEntry(document: document, calendar: calendar) }
    return calendar
  }
}
