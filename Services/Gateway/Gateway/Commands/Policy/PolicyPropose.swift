import ArgumentParser
import Contract

struct PolicyPropose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose a policy for Product Ops to adopt.",
    examples: [
      "gonogo policy propose policy.yaml --reason 'pricing is always tier 1'",
      "gonogo policy propose - --reason 'new rule for beta features' < policy.yaml",
    ])

  @OptionGroup var document: DocumentArgument
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file, for: .change)
    try await document.explaining {
      try await session.show(
        TieringRoutes.proposePolicy, ProposePolicy(document: document.value, reason: explanation.reason))
    }
  }
}
