import Documents
import LaunchModel
import Storage
import TieringCore

/// What launches are assessed by: the adopted policy and template, the built-in ones until then, and the calendars.
struct TieringDocuments: Sendable {
  private let builtInPolicy: TierPolicy
  private let builtInTemplate: ChecklistTemplate

  init() throws {
    builtInPolicy = try TierPolicy(reading: try BuiltIn.policyDocument())
    builtInTemplate = try BuiltIn.checklistTemplate()
  }

  /// The keys of the calendars that launches can name, ascending.
  static let calendarKeys = BuiltIn.calendars.keys.sorted()

  /// The calendar of that key; Monday to Friday for nil.
  static func calendar(_ key: String?) -> BusinessCalendar {
    key.flatMap { BuiltIn.calendars[$0]?.business } ?? .standard
  }

  func assessor(_ db: any Transaction) throws -> LaunchAssessor {
    let table = DocumentTable(db: db)
    return LaunchAssessor(
      policy: try table.currentPolicy() ?? builtInPolicy, template: try table.currentTemplate() ?? builtInTemplate,
      blackouts: try BlackoutTable(db: db).all(), calendar: { Self.calendar($0) })
  }
}
