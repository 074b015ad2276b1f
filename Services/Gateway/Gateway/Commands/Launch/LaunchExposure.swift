import ArgumentParser
import Contract
import LaunchModel

/// What exposure commands say of the version that a person saw.
enum SeenVersion {
  static let help = ArgumentHelp(
    "The version that you saw, as launch show says; refused (76) where there is a later one.", valueName: "version")
}

struct LaunchShip: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "ship", abstract: "Record the first real exposure: day 0 begins here.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Option(help: ArgumentHelp("When it happened; default now. A past time is marked backdated.", valueName: "time"))
  var at: Timestamp?
  @Option(help: "A remark for the record.") var reason: String?
  @Option(help: SeenVersion.help) var expectedVersion: Int?

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try session.print(
      try await session.call(
        ChecklistRoutes.ship, ExposureRequest(launch: launch, at: at, reason: reason), expectedVersion: expectedVersion)
    )
  }
}

struct LaunchStage: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "stage", abstract: "Record how much of the audience is exposed; 0 is a rollback.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "From 0 to 100.") var percentage: Double
  @Option(help: ArgumentHelp("When it happened; default now. A past time is marked backdated.", valueName: "time"))
  var at: Timestamp?
  @Option(help: "A remark for the record.") var reason: String?
  @Option(help: SeenVersion.help) var expectedVersion: Int?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard (0...100).contains(percentage) else { throw ValidationError("a percentage is from 0 to 100") }
  }

  func run(in session: Session) async throws {
    let stage = ExposureRequest(launch: launch, at: at, percentage: percentage, reason: reason)
    try session.print(try await session.call(ChecklistRoutes.stage, stage, expectedVersion: expectedVersion))
  }
}

struct LaunchRollback: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Record that the launch was taken back.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Option(help: ArgumentHelp("When it happened; default now. A past time is marked backdated.", valueName: "time"))
  var at: Timestamp?
  @Option(help: "Why.") var reason: String?

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.rollback, ExposureRequest(launch: launch, at: at, reason: reason))
  }
}
