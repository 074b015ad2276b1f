import ArgumentParser
import Contract
import Digests
import LaunchModel

struct VerifyCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Verify a signed statement about a GO or its verdicts.",
    discussion: """
      Exits 0 if a public key of the installation verifies the statement that gonogo decide --export wrote, 1 if none does, 65 \
      if the file is something else. With --key it needs no service: gonogo keys show prints the keys, in use and retired. A file \
      is not a gate: what changed after it was signed, only gonogo gate knows.
      """,
    examples: [
      "gonogo verify smart-routing.go.json --key gonogo.pub",
      "gonogo verify smart-routing.go.json --output json",
    ])

  @Argument(help: "File with the statement; - for standard input.") var file: String
  @Option(
    name: .customLong("key"),
    help: ArgumentHelp(
      "File with public keys in PEM; repeat it for several; default: the installation's.", valueName: "file"))
  var keyFiles: [String] = []
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let input = InputFile(file)
    let statement = try SignedStatement(reading: try input.bytes(), file: input.name)
    let keys = keyFiles.isEmpty ? try await installed(session) : try keyFiles.flatMap(Self.keys)
    let verification = try statement.verified(with: keys)
    try session.print(verification)
    guard verification.verified else { throw GatewayError(.no) }
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
        .badInput, "\(input.name) has no Ed25519 public key in PEM; gonogo keys show prints those of an installation")
    }
    return keys
  }
}
