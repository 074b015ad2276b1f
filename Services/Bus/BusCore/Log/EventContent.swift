import JSON

/// Compares events that have the same source and id.
public enum EventContent {
  /// The attributes that tracing libraries set for each attempt at sending an event; they say nothing about what
  /// happened (CloudEvents, Distributed Tracing extension).
  static let tracing: Set<String> = ["traceparent", "tracestate"]

  /// Whether both are the same event: the same bytes, or else the same canonical JSON (RFC 8785) without the attributes
  /// of tracing. Retries that were serialized again have other bytes, for example another order of members.
  static func isSame(_ stored: some Collection<UInt8>, _ given: [UInt8]) -> Bool {
    if stored.elementsEqual(given) { return true }
    // Events are validated before they are stored, so that one that cannot be parsed is damaged: not the same.
    guard let stored = canonical(Array(stored)), let given = canonical(given) else { return false }
    return stored == given
  }

  private static func canonical(_ bytes: [UInt8]) -> [UInt8]? {
    // What cannot be parsed is reported by whoever reads it.
    guard let members = (try? JSONValue(parsing: bytes))?.objectValue else { return nil }
    return JSONValue.object(members.filter { !tracing.contains($0.key) }).canonical()
  }
}
