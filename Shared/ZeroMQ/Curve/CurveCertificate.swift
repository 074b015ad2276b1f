import CZeroMQ
import Glibc

/// The file of a secret key, in the format of CZMQ's and pyzmq's certificates, which those read as well.
enum CurveCertificate {
  /// Reads a pair.
  ///
  /// - Throws: `badKeys` where the file is missing, open to others than its owner, or malformed.
  static func read(_ path: String) throws(ZeroMQError) -> CurveKeyPair {
    let text = try KeyFile.read(path, isSecret: true)
    guard let publicKey = value("public-key", in: text), let secret = value("secret-key", in: text) else {
      throw ZeroMQError(.badKeys, "\(path) has no public-key and secret-key; make another with `gonogo keys new`")
    }
    do throws(ZeroMQError) {
      return try CurveKeyPair(publicKey: try CurveKey(publicKey), secret: secret)
    } catch {
      throw ZeroMQError(.badKeys, "\(path): \(error.detail)")
    }
  }

  /// The text of a pair's file.
  static func text(_ pair: CurveKeyPair) -> String {
    """
    #   The secret CURVE key of a gonogo process or client. Whoever has this file can act as it:
    #   give it to nobody, and keep its mode at 0400.

    metadata
    curve
        public-key = "\(pair.publicKey)"
        secret-key = "\(pair.secret)"

    """
  }

  /// The text between the quotes of `name = "…"`. Z85 has no quotes.
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

/// The files of keys.
enum KeyFile {
  /// The largest file that is read, in bytes.
  private static let limit = 1 << 20

  /// Reads a file whole; a secret one only where nobody but its owner may, and the owner is this user or root.
  static func read(_ path: String, isSecret: Bool = false) throws(ZeroMQError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw ZeroMQError(.badKeys, "cannot read \(path): \(errorText(errno))") }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw ZeroMQError(.badKeys, "\(path) is no file")
    }
    if isSecret {
      guard info.st_mode & 0o077 == 0 else {
        throw ZeroMQError(.badKeys, "\(path) holds a secret and others may use it; run: chmod 0400 \(path)")
      }
      guard info.st_uid == geteuid() || info.st_uid == 0 else {
        throw ZeroMQError(.badKeys, "\(path) holds a secret and belongs to the user \(info.st_uid)")
      }
    }
    guard info.st_size <= limit else { throw ZeroMQError(.badKeys, "\(path) has more than \(limit) bytes") }
    var bytes = [UInt8](repeating: 0, count: Int(info.st_size))
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw ZeroMQError(.badKeys, "cannot read \(path): \(errorText(errno))") }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// Makes a file that was not there.
  static func make(_ path: String, _ text: String, mode: mode_t) throws(ZeroMQError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else {
      let mend = errno == EEXIST ? "; move it away first, it may be in use" : ""
      throw ZeroMQError(.badKeys, "cannot make \(path): \(errorText(errno))\(mend)")
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

  /// The public keys of a list: one a line, and after it or on a line of its own a `#` and a remark.
  ///
  /// - Throws: `badKeys`, naming the line.
  static func keys(_ text: String, _ path: String) throws(ZeroMQError) -> [CurveKey] {
    var keys: [CurveKey] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      // A remark begins at the line's start or after a blank: `#` is a character of Z85 as well.
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

/// A public key of CURVE (ZeroMQ RFC 26): 32 bytes of Curve25519, written as 40 characters of Z85 (ZeroMQ RFC 32).
public struct CurveKey: Sendable, Hashable, CustomStringConvertible {
  /// The 40 characters.
  public let text: String

  /// - Throws: `badKeys` where the text is not 32 bytes in Z85.
  public init(_ text: String) throws(ZeroMQError) {
    guard Z85.decode(text)?.count == 32 else {
      throw ZeroMQError(
        .badKeys, "\"\(text)\" is no public key: one is 40 characters of Z85, as in own.key")
    }
    self.text = text
  }

  /// The key of those 32 bytes, as an authentication request carries it; nil for any other number.
  init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    text = Z85.encode(bytes)
  }

  public var description: String { text }
}

/// A public key with the secret one that proves it. The secret is in no description.
public struct CurveKeyPair: Sendable, CustomStringConvertible {
  /// Whom it makes others see.
  public let publicKey: CurveKey
  /// 40 characters of Z85; it leaves the process only into its file.
  let secret: String

  /// - Throws: `badKeys` where the secret is malformed or not that of the public key.
  init(publicKey: CurveKey, secret: String) throws(ZeroMQError) {
    var derived = [CChar](repeating: 0, count: 41)
    guard Z85.decode(secret)?.count == 32, zmq_curve_public(&derived, secret) == 0 else {
      throw ZeroMQError(.badKeys, "the secret key is no 40 characters of Z85")
    }
    guard String(terminated: derived) == publicKey.text else {
      throw ZeroMQError(.badKeys, "the secret key is not the one of the public key \(publicKey)")
    }
    self.publicKey = publicKey
    self.secret = secret
  }

  /// A new pair, from the system's source of randomness.
  ///
  /// - Throws: `badKeys` where this libzmq has no CURVE.
  public static func generate() throws(ZeroMQError) -> CurveKeyPair {
    var (publicKey, secret) = ([CChar](repeating: 0, count: 41), [CChar](repeating: 0, count: 41))
    guard zmq_curve_keypair(&publicKey, &secret) == 0 else {
      throw ZeroMQError(.badKeys, "no keys can be made: \(errorText(zmq_errno())); libzmq must be built with CURVE")
    }
    return try CurveKeyPair(publicKey: try CurveKey(String(terminated: publicKey)), secret: String(terminated: secret))
  }

  public var description: String { "the key pair of \(publicKey)" }
}

/// Bytes as printable characters, five for four (ZeroMQ RFC 32).
enum Z85 {
  /// - Precondition: the number of bytes is divisible by four.
  static func encode(_ bytes: [UInt8]) -> String {
    var text = [CChar](repeating: 0, count: bytes.count * 5 / 4 + 1)
    zmq_z85_encode(&text, bytes, bytes.count)
    return String(terminated: text)
  }

  /// Nil where the text is not Z85.
  static func decode(_ text: String) -> [UInt8]? {
    guard text.utf8.count.isMultiple(of: 5), !text.isEmpty, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    var bytes = [UInt8](repeating: 0, count: text.utf8.count / 5 * 4)
    return zmq_z85_decode(&bytes, text) == nil ? nil : bytes
  }
}

extension String {
  /// The text before the first zero.
  fileprivate init(terminated characters: [CChar]) {
    self.init(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension RawSocket {
  /// Makes what is bound from here on a server that only clients with a key that is let in may use.
  func serveCurve(_ identity: CurveIdentity) throws(ZeroMQError) {
    try set(ZMQ_ZAP_DOMAIN, text: Authenticator.domain)
    try set(ZMQ_CURVE_SERVER, 1)
    try set(ZMQ_CURVE_SECRETKEY, text: identity.own.secret)
    try keepAlive()
  }

  /// Makes what is connected from here on a client that proves itself, and asks the server to.
  func connectCurve(_ own: CurveKeyPair, to server: CurveKey) throws(ZeroMQError) {
    try set(ZMQ_CURVE_SERVERKEY, text: server.text)
    try set(ZMQ_CURVE_PUBLICKEY, text: own.publicKey.text)
    try set(ZMQ_CURVE_SECRETKEY, text: own.secret)
    try keepAlive()
  }

  /// Lets the kernel find out within a minute that the other host is gone, and IPv6 be used.
  private func keepAlive() throws(ZeroMQError) {
    try set(ZMQ_IPV6, 1)
    try set(ZMQ_TCP_KEEPALIVE, 1)
    try set(ZMQ_TCP_KEEPALIVE_IDLE, 30)
    try set(ZMQ_TCP_KEEPALIVE_INTVL, 10)
    try set(ZMQ_TCP_KEEPALIVE_CNT, 3)
  }
}
