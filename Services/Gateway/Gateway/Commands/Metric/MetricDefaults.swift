import ArgumentParser
import Contract
import JSON

/// `gonogo metric defaults …`
struct MetricDefaults: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "defaults", abstract: "Show or change the default values of metrics, by tier.",
    discussion: """
      A value that a metric file leaves out gets the adopted default of the launch's tier. Plans record these values, \
      so adopting new defaults does not change existing plans.
      """,
    subcommands: [
      MetricDefaultsShow.self, MetricDefaultsCheckCommand.self, MetricDefaultsPropose.self, MetricDefaultsAdopt.self,
    ],
    defaultSubcommand: MetricDefaultsShow.self)
}

struct MetricDefaultsShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a version of the defaults and the proposals to replace it.",
    discussion: "With --output yaml it prints the document alone, to be edited and proposed.",
    examples: [
      "gonogo metric defaults show",
      "gonogo metric defaults show --output yaml > defaults.yaml",
    ])

  @OptionGroup var document: VersionOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let reply = try await session.call(MetricsRoutes.showDefaults, VersionReference(version: document.version))
    if session.renderer.format == .yaml {
      session.console.write(try YAMLText.of(reply.value.document))
    } else {
      try session.print(reply)
    }
  }
}

struct MetricDefaultsCheckCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Show what a file of defaults would change.",
    examples: [
      "gonogo metric defaults check defaults.yaml",
      "gonogo metric defaults check - < defaults.yaml",
    ])

  @OptionGroup var document: DocumentArgument
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file, for: .reading)
    try await document.explaining {
      try await session.show(MetricsRoutes.checkDefaults, CheckMetricDefaults(document: document.value))
    }
  }
}

struct MetricDefaultsPropose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose defaults for Product Ops to adopt.",
    discussion: "The file replaces all defaults; values that it leaves out return to the built-in ones.",
    examples: [
      "gonogo metric defaults propose defaults.yaml --reason 'a third is realistic'",
      "gonogo metric defaults propose - --reason 'wider margin' < defaults.yaml",
    ])

  @OptionGroup var document: DocumentArgument
  @OptionGroup var explanation: RequiredReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file, for: .change)
    try await document.explaining {
      try await session.show(
        MetricsRoutes.proposeDefaults, ProposeMetricDefaults(document: document.value, reason: explanation.reason))
    }
  }
}

struct MetricDefaultsAdopt: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Adopt proposed defaults for plans defined from now on.",
    examples: [
      "gonogo metric defaults adopt defaults-1",
      "gonogo metric defaults adopt defaults-1 --reason 'reviewed by Product Ops'",
    ])

  @Argument(help: "Proposal id; see gonogo metric defaults show.") var proposal: String
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(
      MetricsRoutes.adoptDefaults, AdoptMetricDefaults(proposal: proposal, reason: explanation.reason))
  }
}

extension MetricDefaultsView: Displayable {
  func display(on page: inout Page) {
    page.fields(["Version": Text(documentVersion), "Digest": Text(digest.shortDigest, .faint)])
    var table = Table(columns: [
      .right("tier"), .left("kind"), .left("target"), .right("days"), .right("margin"), .right("minimum votes"),
    ])
    for (tier, kinds) in (document["tiers"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      for (kind, values) in (kinds.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
        let cells = ["target", "days", "margin", "minimumVotes"].map { Text(values[$0]?.plainText) }
        table.rows.append([Text(tier), Text(kind)] + cells)
      }
    }
    page.table(table)
    guard !proposals.isEmpty else { return }
    page.heading("Proposals to replace it")
    for (index, proposal) in proposals.enumerated() {
      if index > 0 { page.blank() }
      proposal.display(on: &page)
    }
  }
}

extension MetricDefaultsProposal: Displayable {
  func display(on page: inout Page) {
    page.fields([
      "Proposal": Text(id), "By": Text("\(proposedBy), \(proposedAt.short)"), "Reason": Text(reason),
      "Based on": Text("version \(baseVersion)"), "Learning": learning.map { Text($0) },
      "Adopted": adoptedAs.map { Text("as version \($0)") },
    ])
    page.bullets(changes.map { Text($0) })
  }
}

extension MetricDefaultsCheck: Displayable {
  func display(on page: inout Page) {
    page.paragraph(Text("Differs from version \(baseVersion) in:"))
    page.bullets(changes.map { Text($0) })
  }
}

extension MetricDefaultsAdoption: Displayable {
  func display(on page: inout Page) {
    page.paragraph(Text("Metric defaults version \(documentVersion) adopted; plans keep their values.", .good))
    page.fields(["Digest": Text(digest.shortDigest, .faint)])
    page.bullets(changes.map { Text($0) })
  }
}
