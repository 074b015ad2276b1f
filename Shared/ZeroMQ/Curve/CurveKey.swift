import CZeroMQ

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
