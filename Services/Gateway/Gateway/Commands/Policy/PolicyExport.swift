import ArgumentParser
import Contract
import JSON

struct PolicyExport: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Print a policy version or a proposal as YAML to edit.",
    examples: [
      "gonogo policy export > policy.yaml",
      "gonogo policy export --version 1",
      "gonogo policy export --proposal policy-1",
    ])

  @OptionGroup var document: VersionOption
  @OptionGroup var proposed: ProposalOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if document.version != nil, proposed.proposal != nil {
      throw ValidationError("pass either a version or --proposal ID")
    }
  }

  func run(in session: Session) async throws {
    let policy = try await policy(session)
    let isJSON = session.renderer.format == .json
    session.console.write(isJSON ? policy.pretty() + "\n" : try YAMLText.of(policy))
  }

  private func policy(_ session: Session) async throws -> JSONValue {
    guard let id = proposed.proposal else {
      let reference = VersionReference(version: document.version)
      return try await session.call(TieringRoutes.showPolicy, reference).value.document
    }
    let proposals = try await session.call(TieringRoutes.policyProposals, NoParameters()).value.proposals
    guard let found = proposals.first(where: { $0.id == id }) else {
      throw GatewayError(.badInput, "no proposal \"\(id)\"; list them with gonogo policy proposals")
    }
    return found.document
  }
}
