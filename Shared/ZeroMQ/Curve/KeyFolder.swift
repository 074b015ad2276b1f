import Glibc
import Synchronization

/// The keys of a process or a client: its own pair, the servers it trusts, and the clients it admits.
///
/// | file | contents |
/// |---|---|
/// | `own.key_secret` | its own key pair, mode 0400 |
/// | `own.key` | its own public key, to give to others |
/// | `servers` | trusted server keys, one per line; list both the old and the new key during a key rotation |
/// | `clients` | client keys admitted besides its own and those on the roster, one per line; reread when it changes |
public struct KeyFolder: Sendable {
  /// The folder's path.
  public let path: String
  /// The key pair of this process.
  public let own: CurveKeyPair
  /// The trusted server keys. If none are listed, its own public key, which suits an installation whose processes share
  /// one key.
  public let servers: [CurveKey]

  /// Reads the folder.
  ///
  /// - Throws: `badKeys`, naming the file, the line and the fix.
  public init(_ path: String) throws(ZeroMQError) {
    self.path = path
    own = try CurveCertificate.read("\(path)/own.key_secret")
    let list = "\(path)/servers"
    let listed = access(list, F_OK) == 0 ? try KeyFile.keys(try KeyFile.read(list), list) : []
    servers = listed.isEmpty ? [own.publicKey] : listed
    _ = try clients()
  }

  /// Generates a key pair in the folder, which is created if missing and must not contain a pair yet.
  ///
  /// - Throws: `badKeys` if the folder already contains a pair, or the files cannot be written.
  public static func create(_ path: String) throws(ZeroMQError) -> KeyFolder {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw ZeroMQError(.badKeys, "cannot create the folder \(path): \(errorText(errno))")
    }
    let pair = try CurveKeyPair.generate()
    try KeyFile.create("\(path)/own.key_secret", CurveCertificate.text(pair), mode: 0o400)
    unlink("\(path)/own.key")
    try KeyFile.create("\(path)/own.key", "\(pair.publicKey)\n", mode: 0o444)
    return try KeyFolder(path)
  }

  /// Reads the keys listed in `clients`; returns an empty set if the file does not exist.
  func clients() throws(ZeroMQError) -> Set<CurveKey> {
    let list = clientsFile
    guard access(list, F_OK) == 0 else { return [] }
    return Set(try KeyFile.keys(try KeyFile.read(list), list))
  }

  var clientsFile: String { "\(path)/clients" }

  /// Returns the endpoints in the order in which a client tries them, each TCP endpoint once per trusted server key.
  public func expanded(_ endpoints: [Endpoint]) -> [Endpoint] {
    endpoints.flatMap { endpoint in
      guard endpoint.isTCP else { return [endpoint] }
      return servers.map { key in
        var endpoint = endpoint
        endpoint.serverKey = key
        return endpoint
      }
    }
  }
}
