import ArgumentParser
import Contract
import LaunchModel
import ZeroMQ

/// `gonogo keys …`
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Manage CURVE keys for TCP, and keys that sign statements.",
    subcommands: [KeysNew.self, KeysShow.self, KeysRotate.self])
}

/// The public keys of a user and of the installation.
struct KeysView: Codable, Sendable, Hashable {
  /// The folder of the CURVE keys; nil if none is set.
  var folder: String?
  /// The principal that identifies the CURVE key in the roster; nil without a folder.
  var principal: Principal?
  /// The CURVE keys with which a server may identify itself; nil without a folder.
  var servers: [String]?
  /// The keys that verify the installation's statements; nil if they were not requested or are unknown.
  var signing: [SigningKeyList.Key]?

  init() {}

  init(_ keys: KeyFolder) {
    folder = keys.path
    principal = .key(keys.own.publicKey.text)
    servers = keys.servers.map(\.text)
  }
}

extension KeysView: Displayable {
  func display(on page: inout Page) {
    if let folder, let principal, let servers {
      page.fields([
        "Folder": Text(folder), "Principal": Text(principal.rawValue, .strong),
        "Servers": Text(servers.joined(separator: " ")),
      ])
    }
    if let signing { SigningKeyList(keys: signing).display(on: &page) }
  }
}

extension SigningKeyList: Displayable {
  func display(on page: inout Page) {
    for key in keys {
      page.heading(Text(key.retiredAt == nil ? "Signing key" : "Retired signing key"))
      page.fields([
        "Id": Text(key.keyid), "Made": Text("\(key.madeAt.short) by \(key.madeBy)"),
        "Retired": key.retiredAt.map { Text($0.short) },
      ])
      for line in key.publicKey.split(separator: "\n") { page.paragraph(Text(String(line))) }
    }
  }
}
