import ArgumentParser
import Contract
import LaunchModel

struct LaunchClassify: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify", abstract: "Show a launch's tier and earliest date; store nothing.",
    discussion: LaunchFileHelp.text + "\n\nclassify needs only the facts.",
    examples: [
      "gonogo launch classify smart-routing.yaml",
      "gonogo launch classify - --output json < smart-routing.yaml",
    ])

  @OptionGroup var document: DocumentArgument
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file, for: .reading)
    try await document.explaining {
      try await session.show(TieringRoutes.classify, ClassifyLaunch(document: document.value))
    }
  }
}
