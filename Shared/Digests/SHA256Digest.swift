import Crypto
public import JSON

/// SHA-256 digests (FIPS 180-4) in lowercase hexadecimal, the form in which all digests are stored and compared.
public enum SHA256Digest {
  /// Returns the digest of the bytes.
  public static func hex(of bytes: some Sequence<UInt8>) -> String {
    var hash = SHA256Hash()
    hash.update(Array(bytes))
    return hash.hex()
  }

  /// Returns the digest of a document, over its canonical JSON (RFC 8785).
  public static func hex(ofCanonical document: JSONValue) -> String { hex(of: document.canonical()) }
}

/// A SHA-256 hash of bytes that arrive in pieces.
public struct SHA256Hash: Sendable {
  private var hash = SHA256()

  public init() {}

  /// Adds bytes.
  public mutating func update(_ bytes: [UInt8]) { hash.update(data: bytes) }

  /// Returns the digest of all bytes added so far, in lowercase hexadecimal; more bytes can be added afterwards.
  public func hex() -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
