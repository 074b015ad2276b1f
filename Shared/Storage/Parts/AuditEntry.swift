public import JSON
public import LaunchModel

/// One link of an audit chain: what was done to a launch, when and by whom.
public struct AuditEntry: Sendable, Hashable {
  /// The link's place in the chain, from 1.
  public let length: Int
  public let at: Timestamp
  public let by: String
  /// What was done, as an event type or a method's word.
  public let action: String
  public let detail: JSONValue
  /// SHA-256 over `sealedBytes`, in lower-case hex.
  public let hash: String

  /// What the hash is taken over: RFC 8785 canonical JSON of the link with the hash before it.
  ///
  /// - Parameters:
  ///   - source: the announcing service's event source, so that no link fits another service's chain.
  ///   - previous: the hash of the link before; for the first, 64 zeros.
  static func sealedBytes(
    source: String, launch: String, length: Int, at: Timestamp, by: String, action: String, detail: JSONValue,
    previous: String
  ) -> [UInt8] {
    let sealed: JSONValue = [
      "source": .string(source), "launch": .string(launch), "length": .integer(Int64(length)),
      "at": .string(at.description), "by": .string(by), "action": .string(action), "detail": detail,
      "previous": .string(previous),
    ]
    return sealed.canonical()
  }
}
