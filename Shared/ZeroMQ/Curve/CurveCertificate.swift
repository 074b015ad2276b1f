import CZeroMQ
import Glibc

/// A secret-key file in the certificate format of CZMQ and pyzmq, which can both read it.
enum CurveCertificate {
  /// Reads a key pair.
  ///
  /// - Throws: `badKeys` if the file is missing, malformed, or accessible to anyone but its owner.
  static func read(_ path: String) throws(ZeroMQError) -> CurveKeyPair {
    let text = try KeyFile.read(path, isSecret: true)
    guard let publicKey = value("public-key", in: text), let secret = value("secret-key", in: text) else {
      throw ZeroMQError(
        .badKeys, "\(path) lacks a public-key or secret-key entry; generate a new key pair with `gonogo keys new`")
    }
    do throws(ZeroMQError) {
      return try CurveKeyPair(publicKey: try CurveKey(publicKey), secret: secret)
    } catch {
      throw ZeroMQError(.badKeys, "\(path): \(error.detail)")
    }
  }

  /// Returns the contents of a key pair's file.
  static func text(_ pair: CurveKeyPair) -> String {
    """
    #   The secret CURVE key of a gonogo process or client. Anyone with this file can impersonate it:
    #   never share it, and leave its mode at 0400.

    metadata
    curve
        public-key = "\(pair.publicKey)"
        secret-key = "\(pair.secret)"

    """
  }

  /// Returns the text between the quotes of `name = "…"`. Z85 contains no quotes, so nothing is escaped.
  private static func value(_ name: String, in text: String) -> String? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\r" } }
      guard words.count == 2, words[0] == name, words[1].count >= 2, words[1].first == "\"", words[1].last == "\""
      else {
        continue
      }
      return String(words[1].dropFirst().dropLast())
    }
    return nil
  }
}

/// Reads and writes key files.
enum KeyFile {
  /// The largest accepted file, in bytes.
  private static let limit = 1 << 20

  /// Reads a whole file. A secret file is read only if no one but its owner has access, and the owner is this user or
  /// root.
  static func read(_ path: String, isSecret: Bool = false) throws(ZeroMQError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw ZeroMQError(.badKeys, "cannot read \(path): \(errorText(errno))") }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw ZeroMQError(.badKeys, "\(path) is not a regular file")
    }
    if isSecret {
      guard info.st_mode & 0o077 == 0 else {
        throw ZeroMQError(
          .badKeys, "\(path) holds a secret key but is accessible to other users; restrict it to its owner (chmod 0400)"
        )
      }
      guard info.st_uid == geteuid() || info.st_uid == 0 else {
        throw ZeroMQError(
          .badKeys,
          "\(path) holds a secret key but is owned by uid \(info.st_uid); it must be owned by uid \(geteuid()) or root")
      }
    }
    guard info.st_size <= limit else {
      throw ZeroMQError(.badKeys, "\(path) is \(info.st_size) bytes long; a key file has at most \(limit)")
    }
    var bytes = [UInt8](repeating: 0, count: Int(info.st_size))
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw ZeroMQError(.badKeys, "cannot read \(path): \(errorText(errno))") }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// Creates a file; fails if the path already exists.
  static func create(_ path: String, _ text: String, mode: mode_t) throws(ZeroMQError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else {
      let hint = errno == EEXIST ? "; it may be in use: move it away first" : ""
      throw ZeroMQError(.badKeys, "cannot create \(path): \(errorText(errno))\(hint)")
    }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard fchmod(descriptor, mode) == 0, write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0
    else {
      let code = errno
      unlink(path)
      throw ZeroMQError(.badKeys, "cannot write \(path): \(errorText(code))")
    }
  }

  /// Parses a list of public keys, one per line. A `#` starts a comment, either after a key or on a line of its own.
  ///
  /// - Throws: `badKeys`, naming the line.
  static func keys(_ text: String, _ path: String) throws(ZeroMQError) -> [CurveKey] {
    var keys: [CurveKey] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      // `#` is also a Z85 character, so that a comment starts only at the beginning of the line or after white space,
      // and a 40-byte word that starts with `#` is a key.
      guard let word = line.split(whereSeparator: { " \t\r".contains($0) }).first else { continue }
      if word.first == "#", word.utf8.count != 40 { continue }
      do throws(ZeroMQError) {
        keys.append(try CurveKey(String(word)))
      } catch {
        throw ZeroMQError(.badKeys, "\(path):\(index + 1): \(error.detail)")
      }
    }
    return keys
  }
}

/// A CURVE public key (ZeroMQ RFC 26): 32 bytes of Curve25519, written as 40 characters of Z85 (ZeroMQ RFC 32).
public struct CurveKey: Sendable, Hashable, CustomStringConvertible {
  /// The key as 40 characters of Z85.
  public let text: String

  /// - Throws: `badKeys` if the text is not 32 bytes in Z85.
  public init(_ text: String) throws(ZeroMQError) {
    guard Z85.decode(text)?.count == 32 else {
      throw ZeroMQError(
        .badKeys, "\"\(text)\" is not a public key; expected 40 characters of Z85, such as the contents of own.key")
    }
    self.text = text
  }

  /// Creates a key from the raw bytes of an authentication request; nil unless there are 32.
  init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    text = Z85.encode(bytes)
  }

  public var description: String { text }
}

/// A public key and its secret key. Descriptions never include the secret.
public struct CurveKeyPair: Sendable, CustomStringConvertible {
  /// The key by which others identify the holder.
  public let publicKey: CurveKey
  /// The secret key, 40 characters of Z85. It leaves the process only into its file.
  let secret: String

  /// - Throws: `badKeys` if the secret is malformed or does not match the public key.
  init(publicKey: CurveKey, secret: String) throws(ZeroMQError) {
    var derived = [CChar](repeating: 0, count: 41)
    guard Z85.decode(secret)?.count == 32, zmq_curve_public(&derived, secret) == 0 else {
      throw ZeroMQError(.badKeys, "malformed secret key: expected 40 characters of Z85")
    }
    guard String(terminated: derived) == publicKey.text else {
      throw ZeroMQError(.badKeys, "the secret key does not match the public key \(publicKey)")
    }
    self.publicKey = publicKey
    self.secret = secret
  }

  /// Generates a new pair from the system's randomness source.
  ///
  /// - Throws: `badKeys` if this libzmq was built without CURVE.
  public static func generate() throws(ZeroMQError) -> CurveKeyPair {
    var (publicKey, secret) = ([CChar](repeating: 0, count: 41), [CChar](repeating: 0, count: 41))
    guard zmq_curve_keypair(&publicKey, &secret) == 0 else {
      throw ZeroMQError(.badKeys, "cannot generate keys: \(errorText(zmq_errno())); libzmq must be built with CURVE")
    }
    return try CurveKeyPair(publicKey: try CurveKey(String(terminated: publicKey)), secret: String(terminated: secret))
  }

  public var description: String { "the key pair of \(publicKey)" }
}

/// Z85 encoding of bytes as printable characters: every four bytes become five characters (ZeroMQ RFC 32).
enum Z85 {
  /// - Precondition: the number of bytes is a multiple of four.
  static func encode(_ bytes: [UInt8]) -> String {
    var text = [CChar](repeating: 0, count: bytes.count * 5 / 4 + 1)
    zmq_z85_encode(&text, bytes, bytes.count)
    return String(terminated: text)
  }

  /// Returns the bytes; nil if the text is not Z85.
  static func decode(_ text: String) -> [UInt8]? {
    guard text.utf8.count.isMultiple(of: 5), !text.isEmpty, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    var bytes = [UInt8](repeating: 0, count: text.utf8.count / 5 * 4)
    return zmq_z85_decode(&bytes, text) == nil ? nil : bytes
  }
}

extension String {
  /// Creates a string from the characters before the first NUL.
  fileprivate init(terminated characters: [CChar]) {
    self.init(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension RawSocket {
  /// Makes the socket a CURVE server for later binds; the ZAP handler decides which clients may connect.
  func configureCurveServer(_ identity: CurveIdentity) throws(ZeroMQError) {
    try set(ZMQ_ZAP_DOMAIN, text: Authenticator.domain)
    try set(ZMQ_CURVE_SERVER, 1)
    try set(ZMQ_CURVE_SECRETKEY, text: identity.own.secret)
    try configureTCP()
  }

  /// Makes the socket a CURVE client for later connects: it authenticates with its own pair and requires the server's
  /// key.
  func configureCurveClient(_ own: CurveKeyPair, to server: CurveKey) throws(ZeroMQError) {
    try set(ZMQ_CURVE_SERVERKEY, text: server.text)
    try set(ZMQ_CURVE_PUBLICKEY, text: own.publicKey.text)
    try set(ZMQ_CURVE_SECRETKEY, text: own.secret)
    try configureTCP()
  }

  /// Enables IPv6, and TCP keep-alive probes that detect within a minute that the other host is gone.
  private func configureTCP() throws(ZeroMQError) {
    try set(ZMQ_IPV6, 1)
    try set(ZMQ_TCP_KEEPALIVE, 1)
    try set(ZMQ_TCP_KEEPALIVE_IDLE, 30)
    try set(ZMQ_TCP_KEEPALIVE_INTVL, 10)
    try set(ZMQ_TCP_KEEPALIVE_CNT, 3)
  }
}
