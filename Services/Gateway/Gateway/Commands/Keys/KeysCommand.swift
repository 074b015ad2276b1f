import ArgumentParser
import LaunchModel
import ZeroMQ

/// `gonogo keys …`
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Create or show the CURVE keys for TCP between hosts.",
    subcommands: [KeysNew.self, KeysShow.self])
}

/// The public part of a folder of keys.
struct KeysView: Codable, Sendable, Hashable {
  /// The folder.
  var folder: String
  /// The principal that identifies the key in the roster.
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
