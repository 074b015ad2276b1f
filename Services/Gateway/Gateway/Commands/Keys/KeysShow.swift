import ArgumentParser
import LaunchModel
import ZeroMQ

struct KeysShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the public key of this user and its services.",
    examples: [
      "gonogo keys show --keys keys",
      "gonogo keys show --keys keys --output json",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let keys: KeyFolder?
    do throws(ZeroMQError) { keys = try session.settings.keys() } catch { throw GatewayError(.badInput, error.detail) }
    guard let keys else {
      throw GatewayError(
        .badInput, "no folder of keys is set: pass --keys or set GONOGO_KEYS; gonogo keys new creates one")
    }
    try session.print(KeysView(keys))
  }
}
