import Documents
import JSON
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Adopts the policy and calendars of a new installation: the configured ones, otherwise the built-in policy.
struct InitialDocuments {
  let environment: ServiceEnvironment
  let documents: TieringDocuments

  private var settings: ServiceSettings { environment.settings }

  /// Adopts `policy.yaml`, or the built-in policy if there is no such file, unless a policy is already adopted. Adopts
  /// each calendar of the folder `calendars` whose key was never adopted; the key is in the file for YAML and JSON, and
  /// the file name without `.ics` for iCalendar.
  ///
  /// - Throws: `StartError` if a file is invalid, with the line of each error.
  func adopt() async throws {
    let isWithoutPolicy = try await environment.database.read { try DocumentRepository(db: $0).isWithoutPolicy }
    let policy = isWithoutPolicy ? try await configuredPolicy() : nil
    let calendars = try await configuredCalendars()
    try await environment.change { tx in
      if try DocumentRepository(db: tx.db).isWithoutPolicy {
        let document = try policy ?? BuiltIn.policyDocument()
        let reason = policy == nil ? "the built-in policy" : "the configured policy"
        try DocumentRepository(db: tx.db).adoptPolicy(document, reason: reason, tx)
      }
      for calendar in calendars where try documents.calendars.version(of: calendar.key, tx.db) == 0 {
        try CalendarChange(tx: tx, documents: documents).adopt(calendar, reason: "the configured calendar")
      }
    }
  }

  private func configuredPolicy() async throws -> JSONValue? {
    try await ConfiguredDocument.load("policy.yaml", in: settings)?.read { source in
      try PolicyLint.requireDecided(try TierPolicy(reading: source.value))
      var members = source.value.objectValue ?? [:]
      members["version"] = 1
      return .object(members)
    }
  }

  private func configuredCalendars() async throws -> [CalendarDocument] {
    let names = try await ConfiguredDocument.names(
      in: "calendars", ending: [".yaml", ".yml", ".json", ".ics"], settings)
    var calendars: [CalendarDocument] = []
    for name in names {
      guard let file = try await ConfiguredDocument.load(name, in: settings) else { continue }
      calendars.append(
        name.hasSuffix(".ics")
          ? try file.reading { try calendar(of: $0, key: String(name.dropFirst("calendars/".count).dropLast(4))) }
          : try file.read { try CalendarDocument(reading: $0.value) })
    }
    return calendars
  }

  private func calendar(of bytes: [UInt8], key: String) throws -> CalendarDocument {
    let year = ZoneRules.utc.localDate(at: environment.clock.now()).components.year
    let holidays = try ICalendarReader(around: year).holidays(of: bytes)
    let named = holidays.map { ($0.key.description, JSONValue.string($0.value)) }
    return try CalendarDocument(reading: [
      "calendar": .string(key), "holidays": .object(Dictionary(named, uniquingKeysWith: { first, _ in first })),
    ])
  }
}
