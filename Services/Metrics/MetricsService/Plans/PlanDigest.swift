import Crypto
import JSON

/// The hash that a plan is sealed by.
enum PlanDigest {
  /// SHA-256 of the canonical JSON (RFC 8785), in lower-case hex.
  static func hex(_ definition: JSONValue) -> String {
    SHA256.hash(data: definition.canonical()).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined()
  }
}
