import ArgumentParser
import Glibc
import LaunchModel
import ZeroMQ

/// `gonogo keys …`
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "The CURVE keys that TCP between hosts needs.",
    subcommands: [KeysNew.self, KeysShow.self])
}

struct KeysNew: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Make a folder with a new key.",
    discussion: """
      Writes own.key_secret, which nobody but its owner may read, and own.key with the public key. Beside them go two lists, \
      one public key a line: servers, the keys that a server may have (without it the own one), and clients, whom a server \
      lets in beside the people and publishers on the roster. Name the folder with --keys, GONOGO_KEYS, or keys in gonogo.yaml.
      """)

  @Argument(help: "The folder; made where it is not there.") var folder = "keys"
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let folder = try Folder.absolute(folder)
    guard access("\(folder)/own.key_secret", F_OK) != 0 else {
      throw GatewayError(.conflict, "\(folder) has a key already; move it away first, it may be in use")
    }
    let keys: KeyFolder
    do throws(ZeroMQError) { keys = try KeyFolder.create(folder) } catch { throw GatewayError(.badInput, error.detail) }
    session.console.note("wrote \(folder)/own.key_secret: keep it secret, and on this host")
    try session.print(KeysView(keys))
  }
}

struct KeysShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the public key that this user and its services have over TCP.")

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let keys: KeyFolder?
    do throws(ZeroMQError) { keys = try session.settings.keys() } catch { throw GatewayError(.badInput, error.detail) }
    guard let keys else {
      throw GatewayError(.badInput, "no folder of keys is named; `gonogo keys new` makes one, GONOGO_KEYS names it")
    }
    try session.print(KeysView(keys))
  }
}

/// What may be known of a folder of keys.
struct KeysView: Codable, Sendable, Hashable {
  /// The folder.
  var folder: String
  /// As the roster names whoever has the key.
  var principal: Principal
  /// The public keys that a server may have.
  var servers: [String]

  init(_ keys: KeyFolder) {
    folder = keys.path
    principal = .key(keys.own.publicKey.text)
    servers = keys.servers.map(\.text)
  }
}

extension KeysView: Displayable {
  func display(on page: inout Page) {
    page.fields([
      "Folder": Text(folder), "Principal": Text(principal.rawValue, .strong),
      "Servers": Text(servers.joined(separator: " ")),
    ])
  }
}
