import Documents
import LaunchModel
import ServiceKit
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
  /// The calendars that launches can name.
  let calendars = CalendarShelf()

  /// By the adopted policy.
  ///
  /// - Parameter templateVersion: the template whose lead times count; nil for the adopted one.
  func assessor(_ db: any Transaction, templateVersion: Int? = nil) throws -> LaunchAssessor {
    let table = DocumentTable(db: db)
    let book = try calendars.book(db)
    return LaunchAssessor(
      policy: try table.currentPolicy() ?? builtInPolicy,
      template: try table.template(version: templateVersion) ?? builtInTemplate,
      blackouts: try BlackoutTable(db: db).all(), calendar: { book.calendar($0) ?? .standard })
  }
}
