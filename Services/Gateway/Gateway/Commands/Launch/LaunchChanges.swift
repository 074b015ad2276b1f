import ArgumentParser
import JSON
import Contract
import LaunchModel

struct LaunchSet: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change fields of a launch.",
    discussion: """
      A field is named as in the launch file, a fact as facts.NAME, and given a value in YAML: \
      owner=ibrahim, 'locales=[en, de]', facts.audience=most. An empty value takes the field back.
      """)

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: ArgumentHelp("The fields to change.", valueName: "field=value")) var assignments: [FieldAssignment]
  @OptionGroup var options: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let fields = try FieldAssignment.object(of: assignments)
    let set = SetLaunch(launch: launch, set: fields, reason: options.reason)
    try await options.change(launch, by: TieringRoutes.set, set, in: session)
  }
}

struct LaunchOverride: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "override", abstract: "Set a tier against the computed one, or take that back.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "The tier, 0 to 3; none with --clear.") var tier: Tier?
  @Flag(help: "Take the override back.") var clear = false
  @Flag(help: "Only show what would change.") var dryRun = false
  @OptionGroup var options: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard clear == (tier == nil) else { throw ValidationError("give either a tier or --clear") }
    guard !(clear && dryRun) else { throw ValidationError("--dry-run looks at a tier, and not at --clear") }
  }

  func run(in session: Session) async throws {
    if dryRun {
      try await options.show(PreviewLaunch(launch: launch, tier: tier), in: session)
      return
    }
    let override = OverrideTier(launch: launch, tier: tier, reason: options.reason)
    try await options.change(launch, by: TieringRoutes.override, override, in: session)
  }
}

struct LaunchReschedule: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "reschedule", abstract: "Move a launch to another date.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "The new local date, as 2027-03-09.") var date: LocalDate
  @Flag(help: "Only show what would change: what moves, what becomes impossible, what goes stale.") var dryRun = false
  @OptionGroup var options: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    if dryRun {
      try await options.show(PreviewLaunch(launch: launch, date: date), in: session)
      return
    }
    let reschedule = RescheduleLaunch(launch: launch, date: date, reason: options.reason)
    try await options.changePlan(launch, by: TieringRoutes.reschedule, reschedule, in: session)
  }
}

struct LaunchWaive: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "waive", abstract: "Accept that a launch is earlier than its window and lead times allow.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @OptionGroup var options: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let action = LaunchAction(launch: launch, reason: options.reason)
    try await options.change(launch, by: TieringRoutes.waiveShortfall, action, in: session)
  }
}

struct LaunchPostpone: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "postpone", abstract: "Put a launch off without a new date.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @OptionGroup var options: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let action = LaunchAction(launch: launch, reason: options.reason)
    try await options.changePlan(launch, by: TieringRoutes.postpone, action, in: session)
  }
}

struct LaunchCancel: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "cancel", abstract: "Give a launch up.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @OptionGroup var options: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let action = LaunchAction(launch: launch, reason: options.reason)
    try await options.changePlan(launch, by: TieringRoutes.cancel, action, in: session)
  }
}
