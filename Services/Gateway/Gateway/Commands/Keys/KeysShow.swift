import ArgumentParser
import Contract
import LaunchModel
import ZeroMQ

struct KeysShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the CURVE key for TCP, and the keys that verify statements.",
    discussion: """
      Prints the installation's public keys in PEM, the current one first, then the retired ones; gonogo verify --key \
      reads this output.
      """,
    examples: [
      "gonogo keys show --keys keys",
      "gonogo keys show --output json",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let keys: KeyFolder?
    do throws(ZeroMQError) { keys = try session.settings.keys() } catch { throw GatewayError(.badInput, error.detail) }
    var view = keys.map { KeysView($0) } ?? KeysView()
    do {
      view.signing = try await session.call(ChecklistRoutes.signingKeys, NoParameters()).value.keys
    } catch let failure as CallError where keys != nil {
      let reason = GatewayError(failure).messages.joined(separator: "; ")
      session.console.warning("the keys that verify statements are unknown: \(reason)")
    }
    try session.print(view)
  }
}
