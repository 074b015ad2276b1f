import ArgumentParser
import Contract
import LaunchModel

struct LearningPropose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose the change of a document that a learning leads to.",
    discussion: """
      A template change names the items to add, replace and remove; a policy or metric defaults are given whole. The owner of the \
      document checks it, and Product Ops adopts the proposal, whose id is the learning's.
      """,
    examples: [
      "gonogo review learning propose smart-routing-l1 learning.yaml",
      "gonogo review learning propose smart-routing-l1 --policy policy.yaml",
    ])

  @Argument(help: "Learning id, e.g. smart-routing-l1.") var learning: String
  @Argument(help: "The same as --template.") var file: String?
  @Option(help: ArgumentHelp("A template change, YAML or JSON; - for standard input.", valueName: "path"))
  var template: String?
  @Option(help: ArgumentHelp("A complete tier policy.", valueName: "path")) var policy: String?
  @Option(help: ArgumentHelp("Complete metric defaults.", valueName: "path")) var metricDefaults: String?
  @OptionGroup var global: GlobalOptions

  /// The files that were passed, each with the document that it changes.
  private var documents: [(target: LearningTarget, path: String)] {
    let paths: [(LearningTarget, String?)] = [
      (.template, file), (.template, template), (.policy, policy), (.metricDefaults, metricDefaults),
    ]
    return paths.compactMap { target, path in path.map { (target: target, path: $0) } }
  }

  func validate() throws {
    guard documents.count == 1 else {
      throw ValidationError("pass one file: a template change, or --policy or --metric-defaults with a document")
    }
  }

  func run(in session: Session) async throws {
    guard let (target, path) = documents.first else { return }
    let document = try DocumentFile(path)
    try await document.explaining {
      try await session.show(
        ReviewRoutes.proposeLearning, ProposeLearning(learning: learning, change: document.value, target: target))
    }
  }
}
