import ArgumentParser
import Contract
import LaunchModel

struct Migrate: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Copy a stopped SQLite installation into PostgreSQL.",
    discussion: """
      Each store is copied completely or not at all. Row counts and digests are compared, and the copy's audit chains \
      and events are verified. The SQLite files are only read. After an interruption, run the same command again: \
      tables that are already copied are only compared.

      Keep the password out of the URL, because other users can see arguments: put passfile=FILE into its parameters, \
      or the whole URL into $GONOGO_MIGRATE_TO.

      Exit status: 65 if the URL cannot be used, or a store is damaged or of another version; 69 if a store is in use \
      or the server is unreachable; 76 if the database holds other data; 77 if the server refuses the user.
      """,
    examples: [
      "gonogo migrate --to 'postgres://gonogo@db/gonogo?passfile=pgpass'",
      "gonogo migrate --to 'postgres://gonogo@db/gonogo' --data-dir /srv/gonogo/data",
    ])

  @Option(help: ArgumentHelp("Database; overrides $GONOGO_MIGRATE_TO.", valueName: "postgres://…"))
  var to: String?
  @OptionGroup var stores: DataFolderOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard let url = to ?? ProcessEnvironment.current[MoveSetting.target] else {
      throw GatewayError(.usage, "no database: pass --to postgres://… or set \(MoveSetting.target)")
    }
    if let to, Self.holdsPassword(to) {
      session.console.warning(
        "the URL on the command line contains a password, which other users of this machine can see; use a passfile, "
          + "or \(MoveSetting.target)")
    }
    let settings = try stores.applied(to: session.settings)
    if let holder = try SupervisorFile(runFolder: settings.runFolder).holder() {
      throw GatewayError(.unavailable, "gonogo is running here (pid \(holder.pid)); stop it first with gonogo down")
    }
    let mover = StoreMover(
      plans: try Installation(settings: settings).plans(searching: ProcessEnvironment.current["PATH"]), url: url)
    var report = MoveReport()
    for service in MoveReport.order {
      session.console.note("copying \(service.rawValue) …")
      do {
        report.services.append(try await mover.move(service))
      } catch let error as GatewayError {
        throw report.explaining(error)
      }
    }
    try session.print(report)
    session.console.note(MoveReport.nextSteps)
  }

  private static func holdsPassword(_ url: String) -> Bool {
    url.firstMatch(of: #/^[a-z]+:\/\/[^:@\/?]*:[^@\/?]+@|[?&]password=/#) != nil
  }
}
