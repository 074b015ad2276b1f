import ArgumentParser
import Contract
import LaunchModel

struct LearningPropose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose a change to a document, based on a learning.",
    discussion: """
      FILE, or --template FILE, names the template items to add, replace and remove; --policy and --metric-defaults \
      take a complete document. The service that owns the document checks it. The proposal has the learning's id, and \
      Product Ops adopts it.
      """,
    examples: [
      "gonogo review learning propose smart-routing-l1 learning.yaml",
      "gonogo review learning propose smart-routing-l1 --policy policy.yaml",
    ])

  @Argument(help: "Learning id, e.g. smart-routing-l1.") var learning: String
  @Argument(help: "A template change; the same as --template.") var file: String?
  @Option(help: ArgumentHelp("A template change, YAML or JSON; - for standard input.", valueName: "path"))
  var template: String?
  @Option(help: ArgumentHelp("A complete tier policy, YAML or JSON.", valueName: "path")) var policy: String?
  @Option(help: ArgumentHelp("Complete metric defaults, YAML or JSON.", valueName: "path")) var metricDefaults: String?
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
      throw ValidationError(
        "pass exactly one document: FILE or --template FILE, --policy FILE, or --metric-defaults FILE")
    }
  }

  func run(in session: Session) async throws {
    guard let (target, path) = documents.first else { return }
    let document = try DocumentFile(path, for: .change)
    try await document.explaining {
      try await session.show(
        ReviewRoutes.proposeLearning, ProposeLearning(learning: learning, change: document.value, target: target))
    }
  }
}
