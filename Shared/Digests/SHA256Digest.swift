import Crypto
public import JSON

/// A SHA-256 digest (FIPS 180-4) in lower-case hex, which is how every digest is stored, compared and shown.
public enum SHA256Digest {
  /// The digest of bytes.
  public static func hex(of bytes: some Sequence<UInt8>) -> String {
    var hash = SHA256Hash()
    hash.update(Array(bytes))
    return hash.hex()
  }

  /// The digest of a document: of its canonical JSON (RFC 8785).
  public static func hex(ofCanonical document: JSONValue) -> String { hex(of: document.canonical()) }
}

/// SHA-256 over bytes that come in pieces.
public struct SHA256Hash: Sendable {
  private var hash = SHA256()

  public init() {}

  /// Adds bytes.
  public mutating func update(_ bytes: [UInt8]) { hash.update(data: bytes) }

  /// The digest of all bytes added so far, in lower-case hex; more may be added.
  public func hex() -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
