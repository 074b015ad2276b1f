import Crypto
import JSON

/// SHA-256 over canonical JSON (RFC 8785).
struct CanonicalDigest {
  /// The canonical JSON.
  let bytes: [UInt8]
  /// The digest of `bytes` in lower-case hex.
  let hex: String

  init(of value: some Encodable) throws {
    bytes = try JSONCoding.value(value).canonical()
    hex = SHA256.hash(data: bytes).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
