public import LaunchModel

/// Checks the bytes of events in one pass: strict JSON (RFC 8259, UTF-8, depth, no key twice) and the attribute rules
/// of CloudEvents 1.0 in its JSON format. The content of `data` is not judged.
///
/// One scanner serves one thread, and keeps its working memory from event to event.
public struct EventScanner: ~Copyable {
  /// The largest event, in bytes, unless it is set otherwise.
  public static let defaultMaximumBytes = 65_536
  /// What the largest event may be set to.
  public static let highestMaximumBytes = 1_048_576

  private let maximumBytes: Int
  private var keys = KeyStack()
  /// Publishers name the same source again and again: the last that was found right is known by its bytes.
  private var knownSource: [UInt8] = []

  /// - Parameter maximumBytes: up to 1,048,576.
  public init(maximumBytes: Int = Self.defaultMaximumBytes) {
    self.maximumBytes = min(maximumBytes, Self.highestMaximumBytes)
  }

  /// The event's attributes, or why it is none.
  public mutating func scan(_ bytes: [UInt8]) throws(EventRejection) -> ScannedEvent {
    guard bytes.count <= maximumBytes else {
      throw EventRejection(
        code: "too-large", detail: "the event has \(bytes.count) bytes, and \(maximumBytes) is the most")
    }
    do throws(ScanFault) {
      let members = try bytes.withUnsafeBufferPointer { (buffer) throws(ScanFault) -> EventAttributes in
        try attributes(of: UnsafeRawBufferPointer(buffer))
      }
      let event = try members.event(bytes)
      try judgeSource(of: event)
      return event
    } catch {
      throw error.rejection
    }
  }

  private mutating func judgeSource(of event: ScannedEvent) throws(ScanFault) {
    let isKnown = event.withBytes(of: event.source) { source in
      knownSource.withUnsafeBytes { KeyStack.Key(source) == KeyStack.Key($0) }
    }
    if isKnown { return }
    guard event.withBytes(of: event.source, AttributeRules.isURIReference) else {
      throw .attribute("source", "is no URI reference (RFC 3986)")
    }
    knownSource = event.withBytes(of: event.source) { Array($0) }
  }

  private mutating func attributes(of bytes: UnsafeRawBufferPointer) throws(ScanFault) -> EventAttributes {
    keys.reset()
    var spare = KeyStack()
    swap(&keys, &spare)
    var cursor = JSONCursor(bytes, keys: spare)
    do {
      let members = try EventAttributes(reading: &cursor)
      keys = cursor.relinquishKeys()
      return members
    } catch {
      keys = cursor.relinquishKeys()
      throw error
    }
  }
}
