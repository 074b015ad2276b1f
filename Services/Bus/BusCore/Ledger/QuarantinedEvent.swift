public import LaunchModel

/// An event in quarantine with its bytes.
public struct QuarantinedEvent: Sendable, Hashable {
  /// What is known of it: its consumer, its offset, the reason and the tries.
  public var entry: QuarantineEntry
  /// As the producer wrote them; they need not be valid JSON.
  public var bytes: [UInt8]

  public init(entry: QuarantineEntry, bytes: [UInt8]) {
    self.entry = entry
    self.bytes = bytes
  }
}
