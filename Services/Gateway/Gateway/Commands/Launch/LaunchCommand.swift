import ArgumentParser
import Contract
import LaunchModel

/// `gonogo launch …`
struct LaunchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "launch", abstract: "Propose launches, change them, and record their exposure.",
    subcommands: [
      LaunchPropose.self, LaunchImport.self, LaunchClone.self, LaunchClassify.self, LaunchListCommand.self,
      LaunchShow.self, LaunchHistoryCommand.self, LaunchSet.self, LaunchRetier.self, LaunchOverride.self,
      LaunchReschedule.self, LaunchWaive.self, LaunchPostpone.self,
      LaunchCancel.self, LaunchShip.self, LaunchStage.self, LaunchRollback.self,
    ])
}

/// What a launch file says, for help pages.
enum LaunchFileHelp {
  static let text = """
    A launch file says, in YAML or JSON:

      launch: smart-routing
      name: Smart routing
      owner: dana
      date: 2027-03-02
      timeZone: America/New_York        # default UTC
      calendar: US                      # default Monday to Friday
      facts: {kinds: [new-surface], audience: subset, addsServerCompute: unknown}

    kinds are \(ChangeKind.allCases.map(\.rawValue).joined(separator: ", ")); audience is \
    \(Audience.allCases.map(\.rawValue).joined(separator: ", ")); true, false or unknown are \
    \(LaunchModel.Flag.allCases.map(\.rawValue).joined(separator: ", ")). gonogo init --sample writes a whole one.
    """
}

struct LaunchPropose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose a launch: it is tiered and given its checklist.",
    discussion: LaunchFileHelp.text)

  @Argument(help: "The launch file, YAML or JSON; - for standard input.")
  var file: String

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(file)
    try await document.explaining {
      try await session.show(TieringRoutes.propose, ProposeLaunch(document: document.value))
    }
  }
}

struct LaunchClassify: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Say which tier a launch would have, why, and when it could ship; nothing is stored.",
    discussion: LaunchFileHelp.text + "\n\nclassify needs no more than the facts.")

  @Argument(help: "The launch file, YAML or JSON; - for standard input.")
  var file: String

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(file)
    try await document.explaining {
      try await session.show(TieringRoutes.classify, ClassifyLaunch(document: document.value))
    }
  }
}

struct LaunchListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List launches by date.")

  @Option(help: "Only those of a tier, 0 to 3.") var tier: Tier?
  @Option(help: "Only those with a status.") var status: LaunchStatus?
  @Option(help: ArgumentHelp("Only those of an owner.", valueName: "person")) var owner: PersonID?
  @Option(help: ArgumentHelp("Only those on this date or later.", valueName: "date")) var from: LocalDate?
  @Option(help: ArgumentHelp("Only those on this date or earlier.", valueName: "date")) var to: LocalDate?

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let filter = LaunchFilter(tier: tier, status: status, owner: owner, from: from, to: to)
    try session.print(try await session.launches(filter))
  }
}

extension Session {
  /// Every launch that the filter lets through, asked for page by page.
  func launches(_ filter: LaunchFilter) async throws -> LaunchList {
    var (filter, launches): (LaunchFilter, [LaunchSummary]) = (filter, [])
    repeat {
      let page = try await call(TieringRoutes.list, filter).value
      launches += page.launches
      filter.after = page.next
    } while filter.after != nil
    return LaunchList(launches: launches)
  }
}

struct LaunchShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a launch, its tier and why it has it.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Option(help: ArgumentHelp("As it was at a time.", valueName: "time")) var asOf: Timestamp?

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(TieringRoutes.show, LaunchReference(launch: launch, asOf: asOf))
  }
}

struct LaunchHistoryCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "List what was changed of a launch, from what to what, and by whom.",
    discussion: "Its items, decision and exposure have records of their own: gonogo audit show tells of all services.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(TieringRoutes.history, LaunchReference(launch: launch))
  }
}
