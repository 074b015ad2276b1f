import Glibc
import Synchronization

/// The keys of a process or a client: its own pair, the servers it trusts, and the clients it lets in.
///
/// | file | what |
/// |---|---|
/// | `own.key_secret` | the own pair, mode 0400 |
/// | `own.key` | the own public key, to give to others |
/// | `servers` | public keys that a server may have, one a line; two while one replaces the other |
/// | `clients` | public keys that are let in beside the own and those on the roster, one a line; read again when it changes |
public struct KeyFolder: Sendable {
  /// The folder.
  public let path: String
  /// Who this process is.
  public let own: CurveKeyPair
  /// The keys a server may have, the own one where none are listed: then all processes share a key.
  public let servers: [CurveKey]

  /// Reads the folder.
  ///
  /// - Throws: `badKeys`, naming file, line and mend.
  public init(_ path: String) throws(ZeroMQError) {
    self.path = path
    own = try CurveCertificate.read("\(path)/own.key_secret")
    let list = "\(path)/servers"
    let listed = access(list, F_OK) == 0 ? try KeyFile.keys(try KeyFile.read(list), list) : []
    servers = listed.isEmpty ? [own.publicKey] : listed
    _ = try clients()
  }

  /// Makes a folder with a new pair; where there is a folder, it must have none.
  ///
  /// - Throws: `badKeys` where there is a pair already, or it cannot be written.
  public static func make(_ path: String) throws(ZeroMQError) -> KeyFolder {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw ZeroMQError(.badKeys, "cannot make the folder \(path): \(errorText(errno))")
    }
    let pair = try CurveKeyPair.generate()
    try KeyFile.make("\(path)/own.key_secret", CurveCertificate.text(pair), mode: 0o400)
    unlink("\(path)/own.key")
    try KeyFile.make("\(path)/own.key", "\(pair.publicKey)\n", mode: 0o444)
    return try KeyFolder(path)
  }

  /// Those listed in `clients`; none where there is no such file.
  func clients() throws(ZeroMQError) -> Set<CurveKey> {
    let list = clientsFile
    guard access(list, F_OK) == 0 else { return [] }
    return Set(try KeyFile.keys(try KeyFile.read(list), list))
  }

  var clientsFile: String { "\(path)/clients" }

  /// The endpoints as a client tries them: those over TCP once for each key that the server may have.
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
