import Documents
import JSON
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// The policy and calendars of a new installation: those in the configuration, otherwise the built-in ones.
struct InitialDocuments {
  let environment: ServiceEnvironment
  let documents: TieringDocuments

  private var settings: ServiceSettings { environment.settings }

  /// Adopts `policy.yaml`, or the built-in policy, unless a policy is already adopted; and each calendar in the folder
  /// `calendars` whose key was never adopted: `ACME.yaml` under the key in the file, `ACME.ics` under its file name.
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
