import JSON

/// Compares events that have the same source and id.
public enum EventContent {
  /// The attributes that tracing libraries set on each attempt to send an event; they are not part of its content
  /// (CloudEvents, Distributed Tracing extension).
  static let tracing: Set<String> = ["traceparent", "tracestate"]

  /// Whether both are the same event: the bytes are equal, or else the canonical JSON (RFC 8785) without the tracing
  /// attributes. A retry that was serialized again may have different bytes, for example another order of members.
  static func isSame(_ stored: some Collection<UInt8>, _ given: [UInt8]) -> Bool {
    if stored.elementsEqual(given) { return true }
    // Events are validated before they are stored, so a stored event that cannot be parsed is damaged and counts as
    // different.
    guard let stored = canonical(Array(stored)), let given = canonical(given) else { return false }
    return stored == given
  }

  private static func canonical(_ bytes: [UInt8]) -> [UInt8]? {
    // Whoever reads the event reports that it cannot be parsed.
    guard let members = (try? JSONValue(parsing: bytes))?.objectValue else { return nil }
    return JSONValue.object(members.filter { !tracing.contains($0.key) }).canonical()
  }
}
