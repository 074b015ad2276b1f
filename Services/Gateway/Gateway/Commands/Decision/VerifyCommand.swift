import ArgumentParser
import Contract
import Digests
import LaunchModel

struct VerifyCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Verify a signed statement about a GO, and the verdicts on it.",
    discussion: """
      Reads what gonogo decide --export wrote. Exits 0 if a public key verifies it, 1 if none does, 65 if the file is \
      not a signed statement. Files with verdicts must also cite the statement of the first file. With --key no service \
      needs to run; gonogo keys show prints the current and the retired keys. A file is not a gate: only gonogo gate \
      knows what has changed since it was signed.
      """,
    examples: [
      "gonogo verify smart-routing.go.json --key gonogo.pub",
      "gonogo verify go.json verdicts.json --key gonogo.pub",
    ])

  @Argument(help: "File with the statement; - for standard input.") var file: String
  @Argument(help: "Files with statements about the verdicts on it, which must cite it.") var verdicts: [String] = []
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp(
      "File with public keys in PEM; repeat it for several; default: the installation's.", valueName: "file"))
  var keyFiles: [String] = []
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let statements = try ([file] + verdicts).map { name in
      let input = InputFile(name)
      return (name: input.name, statement: try SignedStatement(reading: try input.bytes(), file: input.name))
    }
    let keys = keyFiles.isEmpty ? try await installed(session) : try keyFiles.flatMap(Self.keys)
    let first = try statements[0].statement.verified(with: keys)
    let further = try statements.dropFirst().map { file in
      VerdictsVerification(
        try file.statement.verified(with: keys), in: file.name, citing: first, in: statements[0].name)
    }
    var verification = first
    verification.verdicts = further.isEmpty ? nil : further
    try session.print(verification)
    guard first.verified, further.allSatisfy(\.verified) else { throw GatewayError(.no) }
  }

  /// Returns the installation's keys.
  private func installed(_ session: Session) async throws -> [VerificationKey] {
    do {
      return try await session.call(ChecklistRoutes.signingKeys, NoParameters()).value.keys.flatMap {
        VerificationKey.all(in: $0.publicKey)
      }
    } catch let failure as CallError {
      var error = GatewayError(failure)
      error.messages = error.messages.map { "\($0); --key FILE verifies without it" }
      throw error
    }
  }

  private static func keys(in file: String) throws -> [VerificationKey] {
    let input = InputFile(file)
    // In JSON, such as the output of `keys show`, line breaks are written as \n.
    let text = String(decoding: try input.bytes(), as: UTF8.self).replacing(#"\n"#, with: "\n")
    let keys = VerificationKey.all(in: text)
    guard !keys.isEmpty else {
      throw GatewayError(
        .badInput,
        "\(input.name) has no Ed25519 public key in PEM; gonogo keys show prints the keys of an installation")
    }
    return keys
  }
}
