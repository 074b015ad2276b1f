import ArgumentParser
import Contract

struct PolicyAdopt: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Adopt a policy file or an open proposal.",
    discussion: "A policy in which gonogo policy lint finds an error is refused.",
    examples: [
      "gonogo policy adopt policy.yaml --reason 'reviewed by Product Ops'",
      "gonogo policy adopt policy-1",
    ])

  @Argument(help: "Policy file, YAML or JSON, - for standard input; or a proposal's id.")
  var policy: String?
  @OptionGroup var replacement: FileOption
  @OptionGroup var proposed: ProposalOption
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard [policy, replacement.file, proposed.proposal].count(where: { $0 != nil }) == 1 else {
      throw ValidationError("pass either a file or a proposal's id")
    }
  }

  func run(in session: Session) async throws {
    let reason = explanation.reason
    guard let path = replacement.file ?? policy.flatMap({ Self.isProposal($0) ? nil : $0 }) else {
      try await session.show(
        TieringRoutes.adoptPolicy, AdoptPolicy(proposal: proposed.proposal ?? policy, reason: reason))
      return
    }
    let document = try DocumentFile(path, for: .change)
    try await document.explaining {
      let adoption = try await session.show(
        TieringRoutes.adoptPolicy, AdoptPolicy(document: document.value, reason: reason))
      document.warnOfRevertedChanges("policy", adoptedAs: adoption.documentVersion, in: session)
    }
  }

  /// Whether the text is a proposal's id, such as `policy-2`.
  static func isProposal(_ text: String) -> Bool { text.wholeMatch(of: /policy-[0-9]+/) != nil }
}
