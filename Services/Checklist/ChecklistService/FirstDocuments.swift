import Documents
import Foundation
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
    let roster = try configuredRoster()
    try await environment.change { tx in
      if try TemplateTable(db: tx.db).load() == nil {
        _ = try TemplateChanges(tx: tx).adopt(try BuiltIn.checklistTemplate(), reason: "the built-in template")
      }
      if let roster, try RosterHistory(db: tx.db).current().rosterVersion == 0 {
        _ = try RosterChange(tx: tx).adopt(roster)
      }
    }
  }

  private func configuredRoster() throws -> Roster? {
    guard let folder = environment.settings.configFolder else { return nil }
    let path = "\(folder)/people.yaml"
    guard environment.roster == nil, let data = FileManager.default.contents(atPath: path) else { return nil }
    do {
      let source = try SourceDocument(parsing: Array(data), file: path)
      do {
        return try Roster(reading: source.value)
      } catch {
        throw source.locating(error)
      }
    } catch let problem as Problem {
      let faults = problem.errors.map { fault in
        let line = fault.line.map { "line \($0): " } ?? ""
        return "\(line)\(fault.pointer) \(fault.detail)"
      }
      throw StartFailure(.badConfiguration, "\(path): \(([problem.title] + faults).joined(separator: "\n  "))")
    }
  }
}
