import ArgumentParser
import Contract
import LaunchModel

/// `gonogo metric …`
struct MetricCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "metric", abstract: "Define and seal what success is, and see what became of it.",
    subcommands: [
      MetricDefine.self, MetricSeal.self, MetricAmend.self, MetricPlan.self, MetricShow.self, MetricSeries.self,
      MetricRebuild.self,
    ])
}

struct MetricDefine: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "define", abstract: "Define a launch's success metrics, before they are sealed.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "The metric file, YAML or JSON; - for standard input.") var file: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(file)
    try await document.explaining {
      try await session.show(MetricsRoutes.define, DefinePlan(launch: launch, document: document.value))
    }
  }
}

struct MetricSeal: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "seal", abstract: "Seal the metrics: from now on they can only be amended visibly.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Option(help: "A remark for the record.") var reason: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.seal, LaunchAction(launch: launch, reason: reason))
  }
}

struct MetricAmend: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "amend", abstract: "Change sealed metrics; both verdicts are shown from then on.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "The metric file, YAML or JSON; - for standard input.") var file: String
  @Option(help: "Why.") var reason: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(file)
    try await document.explaining {
      try await session.show(
        MetricsRoutes.amend, DefinePlan(launch: launch, document: document.value, reason: reason))
    }
  }
}

struct MetricPlan: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show how the metrics are defined, their seal and their amendments.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.showPlan, LaunchReference(launch: launch))
  }
}

struct MetricShow: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the figures and verdicts.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Option(help: ArgumentHelp("By what was known at a time.", valueName: "time")) var asOf: Timestamp?
  @Option(help: "Which attempt at launching, from 1; default the latest.") var attempt: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.verdicts, VerdictRequest(launch: launch, attempt: attempt, asOf: asOf))
  }
}

struct MetricSeries: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "series", abstract: "Show a metric day by day.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: "The metric's key.") var key: String
  @Option(help: ArgumentHelp("By what was known at a time.", valueName: "time")) var asOf: Timestamp?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.series, SeriesRequest(launch: launch, key: key, asOf: asOf))
  }
}

struct MetricRebuild: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild", abstract: "Build the figures anew from the bus's log.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(MetricsRoutes.rebuild, LaunchAction(launch: launch))
  }
}
