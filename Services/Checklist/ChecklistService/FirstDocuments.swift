import Documents
import LaunchModel
import ServiceKit

/// The documents that a new installation starts from.
struct FirstDocuments {
  let environment: ServiceEnvironment

  /// Adopts the built-in template and, where `people.yaml` is in the configuration, the roster, unless there are any.
  ///
  /// - Throws: `StartFailure` where `people.yaml` has faults, each with its line: without a roster everybody could do
  ///   everything.
  func adopt() async throws {
    let file = environment.roster == nil ? ConfiguredDocument("people.yaml", in: environment.settings) : nil
    let roster = try file?.read { try Roster(reading: $0.value) }
    try await environment.change { tx in
      if try TemplateTable(db: tx.db).load() == nil {
        _ = try TemplateChanges(tx: tx).adopt(try BuiltIn.checklistTemplate(), reason: "the built-in template")
      }
      if let roster, try RosterHistory(db: tx.db).current().rosterVersion == 0 {
        _ = try RosterChange(tx: tx).adopt(roster)
      }
    }
  }
}
