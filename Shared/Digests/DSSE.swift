/// The encoding that DSSE signatures cover, and the verification of such signatures ([DSSE
/// v1](https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md)).
public enum DSSE {
  /// Returns the pre-authentication encoding of a payload. Signatures cover this encoding, so that a payload of one
  /// type cannot pass for one of another.
  public static func preAuthenticationEncoding(of payload: [UInt8], type: String) -> [UInt8] {
    var encoded = Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8)
    encoded += payload
    return encoded
  }
}
