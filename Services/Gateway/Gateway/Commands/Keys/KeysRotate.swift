import ArgumentParser
import Contract

struct KeysRotate: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "Replace the key that signs statements.",
    discussion: """
      Statements signed so far can still be verified with the retired key, which gonogo keys show lists. Give the new \
      public key to everybody who verifies statements.
      """,
    examples: [
      "gonogo keys rotate --reason 'yearly rotation'",
      "gonogo keys rotate --reason 'a backup was lost' --output json",
    ])

  @OptionGroup var explanation: RequiredReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.rotateSigningKey, RotateSigningKey(reason: explanation.reason))
  }
}
