import ArgumentParser
import Glibc
import LaunchModel
import ZeroMQ

struct KeysNew: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Generate a key pair in a new folder.",
    discussion: """
      Writes own.key_secret, readable only by you, and own.key with the public key. Two optional files beside them \
      list one public key per line: servers, the server keys to trust (default: the folder's own key), and \
      clients, the keys that a server admits in addition to those on the roster. Name the folder with --keys, \
      GONOGO_KEYS, or keys in gonogo.yaml.
      """,
    examples: [
      "gonogo keys new",
      "gonogo keys new ~/gonogo-keys --output json",
    ])

  @Argument(help: "Folder; created if missing.") var folder = "keys"
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let folder = try Folder.absolute(folder)
    guard access("\(folder)/own.key_secret", F_OK) != 0 else {
      throw GatewayError(
        .conflict, "\(folder) already has a key, which may be in use; choose another folder, or move it away first")
    }
    let keys: KeyFolder
    do throws(ZeroMQError) { keys = try KeyFolder.create(folder) } catch { throw GatewayError(.badInput, error.detail) }
    session.console.note("wrote \(folder)/own.key_secret: keep it secret, and on this host")
    try session.print(KeysView(keys))
  }
}
