import Crypto
import FoundationEssentials
import JSON

/// A private Ed25519 key (RFC 8032).
public struct SigningKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey

  /// Generates a key.
  public init() { key = Curve25519.Signing.PrivateKey() }

  /// Reads the 32 bytes of a stored key; nil if they are not a key.
  public init?(_ secret: [UInt8]) {
    do {
      key = try Curve25519.Signing.PrivateKey(rawRepresentation: secret)
    } catch {
      return nil
    }
  }

  /// The 32 bytes to store. Anyone who has them can sign.
  public var secret: [UInt8] { Array(key.rawRepresentation) }

  /// The key that verifies its signatures.
  public var verificationKey: VerificationKey { VerificationKey(key.publicKey) }

  /// Returns the 64-byte signature of a payload and its type, over their DSSE encoding.
  public func sign(_ payload: [UInt8], type: String) throws -> [UInt8] {
    Array(try key.signature(for: DSSE.preAuthenticationEncoding(of: payload, type: type)))
  }
}

/// A public Ed25519 key.
public struct VerificationKey: Sendable {
  private let key: Curve25519.Signing.PublicKey

  fileprivate init(_ key: Curve25519.Signing.PublicKey) { self.key = key }

  /// Decodes a DER encoding; nil if it is not that of an Ed25519 key.
  private init?(encoded bytes: [UInt8]) {
    guard bytes.starts(with: Self.prefix) else { return nil }
    do {
      key = try Curve25519.Signing.PublicKey(rawRepresentation: Array(bytes.dropFirst(Self.prefix.count)))
    } catch {
      return nil
    }
  }

  /// The bytes before the 32 bytes of a key in its DER encoding (RFC 8410, section 4).
  private static let prefix: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
  private static let begin = "-----BEGIN PUBLIC KEY-----"
  private static let end = "-----END PUBLIC KEY-----"

  /// The SubjectPublicKeyInfo in DER, as `openssl pkey -pubin -outform DER` writes it.
  private var encoded: [UInt8] { Self.prefix + Array(key.rawRepresentation) }

  /// The SHA-256 of the DER encoding in lowercase hexadecimal, by which signatures name the key.
  public var id: String { SHA256Digest.hex(of: encoded) }

  /// The key in PEM, without a newline at the end.
  public var pem: String { "\(Self.begin)\n\(Base64.encoded(encoded))\n\(Self.end)" }

  /// Returns the Ed25519 keys in PEM that a text contains, among any other content. Keys of other kinds are skipped.
  public static func all(in text: String) -> [VerificationKey] {
    text.split(separator: begin, omittingEmptySubsequences: false).dropFirst().compactMap { block in
      guard let end = block.firstRange(of: end) else { return nil }
      let digits = block[..<end.lowerBound].filter { !$0.isWhitespace }
      return Base64.decoded(digits).flatMap(VerificationKey.init(encoded:))
    }
  }

  /// Returns whether a signature of a payload and its type was made with the private key that belongs to this one.
  public func verifies(_ signature: [UInt8], of payload: [UInt8], type: String) -> Bool {
    key.isValidSignature(signature, for: DSSE.preAuthenticationEncoding(of: payload, type: type))
  }
}
