import ArgumentParser
import Contract
import LaunchModel

struct Migrate: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Copy a stopped SQLite installation into PostgreSQL, and compare both.",
    discussion: """
      Every store is copied whole or not at all, its rows counted and digested on both sides, and its audit chains and \
      events verified where they now are. The SQLite files are only read. What is there already is compared and not copied \
      again, so a run that stopped half-way is simply repeated.

      Keep the password out of the URL, as arguments are seen by everybody on the machine: passfile=FILE as one of its \
      parameters, or the whole URL in $GONOGO_MIGRATE_TO.

      Exit status: 65 for a URL that cannot be used or a store that is damaged or of another version, 69 where a store is in \
      use or the server cannot be reached, 76 where the database holds other data, 77 where the server refuses the user.
      """)

  @Option(help: ArgumentHelp("The database; else $GONOGO_MIGRATE_TO.", valueName: "postgres://…"))
  var to: String?
  @Option(help: ArgumentHelp("The folder of the services' stores; else $GONOGO_DATA.", valueName: "folder"))
  var dataDir: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard let url = to ?? ProcessEnvironment.current[MoveSetting.target] else {
      throw GatewayError(.usage, "which database? name it with --to or \(MoveSetting.target)")
    }
    if let to, Self.holdsPassword(to) {
      session.console.warning(
        "the URL on the command line holds a password, which other users of this machine can see meanwhile")
    }
    var settings = session.settings
    if let dataDir { settings.dataFolder = try Folder.absolute(dataDir) }
    if let holder = try SupervisorFile(runFolder: settings.runFolder).holder() {
      throw GatewayError(.unavailable, "gonogo is up here (pid \(holder.pid)); stop it with gonogo down first")
    }
    let mover = StoreMover(
      plans: try Installation(settings: settings).plans(searching: ProcessEnvironment.current["PATH"]), url: url)
    var report = MoveReport()
    for service in MoveReport.order {
      session.console.note("moving \(service.rawValue) …")
      do {
        report.services.append(try await mover.move(service))
      } catch let failure as GatewayError {
        throw report.explaining(failure)
      }
    }
    try session.print(report)
    session.console.note(MoveReport.nextSteps)
  }

  private static func holdsPassword(_ url: String) -> Bool {
    url.firstMatch(of: #/^[a-z]+:\/\/[^:@\/?]*:[^@\/?]+@|[?&]password=/#) != nil
  }
}
