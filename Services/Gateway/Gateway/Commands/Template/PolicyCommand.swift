import ArgumentParser
import JSON
import Contract
import LaunchModel

/// `gonogo policy …`
struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "The rules that give launches their tiers.",
    subcommands: [
      PolicyShow.self, PolicyExport.self, PolicyLintCommand.self, PolicyTest.self, PolicyPropose.self,
      PolicyProposals.self, PolicyAdopt.self,
    ])
}

struct PolicyShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a version of the tier policy, and how often its rules were overridden.")

  @Argument(help: "The version; default the adopted one.") var version: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(TieringRoutes.showPolicy, VersionReference(version: version))
  }
}

struct PolicyExport: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Print a version of the policy, or a proposed one, as a file to edit, in YAML.")

  @Argument(help: "The version; default the adopted one.") var version: Int?
  @Option(help: ArgumentHelp("A proposal, as policy-2.", valueName: "id")) var proposal: String?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if version != nil, proposal != nil { throw ValidationError("give either a version or --proposal") }
  }

  func run(in session: Session) async throws {
    let document = try await document(session)
    let isJSON = session.renderer.format == .json
    session.console.write(isJSON ? document.pretty() + "\n" : try YAMLText.of(document))
  }

  private func document(_ session: Session) async throws -> JSONValue {
    guard let proposal else {
      return try await session.call(TieringRoutes.showPolicy, VersionReference(version: version)).value.document
    }
    let proposals = try await session.call(TieringRoutes.policyProposals, NoParameters()).value.proposals
    guard let found = proposals.first(where: { $0.id == proposal }) else {
      throw GatewayError(.badInput, "there is no proposal \(proposal); gonogo policy proposals lists them")
    }
    return found.document
  }
}

struct PolicyLintCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Try every combination of facts on a policy, and say what is wrong with it.",
    discussion: """
      Found are cases that no rule decides, rules that never fire or never decide, and facts that make a launch less \
      demanding although they are more so. Ends with 1 where the policy could not be adopted.
      """)

  @Argument(help: "The policy, YAML or JSON; - for standard input; default the adopted one.") var file: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard let file else {
      try Self.end(try await session.show(TieringRoutes.lintPolicy, LintPolicy()))
      return
    }
    let document = try DocumentFile(file)
    var report = PolicyLintReport(combinations: 0, findings: [])
    try await document.explaining {
      report = try await session.call(TieringRoutes.lintPolicy, LintPolicy(document: document.value)).value
    }
    // For a person each finding stands by its line, as a compiler's does.
    for finding in report.findings { session.console.fault(document.place(of: finding)) }
    if session.renderer.format == .table {
      session.console.write(report.summary + "\n")
    } else {
      try session.print(report)
    }
    try Self.end(report)
  }

  private static func end(_ report: PolicyLintReport) throws {
    if report.findings.contains(where: { $0.severity == .error }) { throw ExitCode(ExitStatus.no.rawValue) }
  }
}

struct PolicyTest: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Try a policy with a table of cases; ends with 1 where a tier is another.",
    discussion: """
      The table is CSV with the columns kinds, audience, the facts and tier (facts yes, no, unknown, omitted or nothing), \
      or YAML: cases: [{name: …, facts: {kinds: […]}, tier: 2}].
      """)

  @Argument(help: "The cases, CSV, YAML or JSON; - for standard input.") var cases: String
  @Option(help: ArgumentHelp("The policy, YAML or JSON; default the adopted one.", valueName: "file"))
  var policy: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try policy.map { path throws(GatewayError) in try DocumentFile(path) }
    let table = try PolicyCaseFile(cases)
    guard !table.cases.isEmpty else {
      throw GatewayError(.badInput, "\(table.name) has no cases; a case is a line below the heading, as new-surface,,1")
    }
    let request = TestPolicy(document: document?.value, cases: table.cases)
    var report = PolicyTestReport(results: [])
    do {
      report = try await session.call(TieringRoutes.testPolicy, request).value
    } catch let failure as CallError where failure.problem.code == "invalid-cases" {
      throw GatewayError(table.locating(failure.problem), file: table.name)
    } catch let failure as CallError {
      if let document { try await document.explaining { throw failure } }
      throw failure
    }
    try session.print(report)
    if report.failed > 0 { throw ExitCode(ExitStatus.no.rawValue) }
  }
}

struct PolicyPropose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose a policy, with a reason, for Product Ops to adopt.")

  @Argument(help: "The whole policy, YAML or JSON; - for standard input.") var file: String
  @Option(help: "Why.") var reason: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(file)
    try await document.explaining {
      try await session.show(
        TieringRoutes.proposePolicy, ProposePolicy(document: document.value, reason: reason))
    }
  }
}

struct PolicyProposals: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "proposals", abstract: "List the proposed policies.")

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(TieringRoutes.policyProposals, NoParameters())
  }
}

struct PolicyAdopt: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Adopt a policy file, or an open proposal; refused where lint finds an error.",
    discussion: "As in: gonogo policy adopt policy.yaml, or gonogo policy adopt policy-2")

  @Argument(help: "The whole policy, YAML or JSON, - for standard input; or an open proposal's id.")
  var policy: String?
  @Option(help: ArgumentHelp("A file, whatever its name.", valueName: "file")) var file: String?
  @Option(help: ArgumentHelp("An open proposal.", valueName: "id")) var proposal: String?
  @Option(help: "Why.") var reason: String?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard [policy, file, proposal].count(where: { $0 != nil }) == 1 else {
      throw ValidationError("give either a file or a proposal's id")
    }
  }

  func run(in session: Session) async throws {
    guard let path = file ?? policy.flatMap({ Self.isProposal($0) ? nil : $0 }) else {
      try await session.show(
        TieringRoutes.adoptPolicy, AdoptPolicy(proposal: proposal ?? policy, reason: reason))
      return
    }
    let document = try DocumentFile(path)
    try await document.explaining {
      let adoption = try await session.show(
        TieringRoutes.adoptPolicy, AdoptPolicy(document: document.value, reason: reason))
      document.warnOfTakingBack("policy", adoptedAs: adoption.documentVersion, in: session)
    }
  }

  /// Whether it is an id as proposals have them, as `policy-2`.
  static func isProposal(_ text: String) -> Bool { text.wholeMatch(of: /policy-[0-9]+/) != nil }
}

extension DocumentFile {
  /// A finding as compilers print it.
  fileprivate func place(of finding: PolicyFinding) -> String {
    "\(name):\(line(of: finding.pointer) ?? 1): \(finding.severity.rawValue): \(finding.told)"
  }
}
