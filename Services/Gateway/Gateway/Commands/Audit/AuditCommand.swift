import ArgumentParser
import LaunchModel

/// `gonogo audit …`
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Show and verify the record of a launch's changes.",
    subcommands: [AuditShow.self, AuditVerify.self, AuditAccept.self])

  /// The services that have an audit chain for each launch.
  static let services: [ServiceName] = [.tiering, .checklist, .metrics, .review]
}
