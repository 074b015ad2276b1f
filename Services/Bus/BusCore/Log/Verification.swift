public import Contract

/// The progress of a verification of the whole log: first all events by offset, then all keys by source and id.
public enum VerificationCursor: Sendable, Hashable {
  /// The events up to this offset have been verified.
  case events(after: Int64)
  /// All events have been verified, and the keys up to this one; none if nil.
  case keys(after: EventKey?)

  /// Before anything has been verified.
  public static let start = VerificationCursor.events(after: 0)

  /// The cursor as text, in which callers pass it back.
  public var text: String {
    switch self {
    case .events(let offset): "events:\(offset)"
    case .keys(nil): "keys"
    case .keys(let key?): "keys:\(Self.hex(key.source)):\(Self.hex(key.id))"
    }
  }

  /// - Returns: nil if the text is not a cursor.
  public init?(text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    switch (parts.first, parts.count) {
    case ("events", 2):
      guard let offset = Int64(parts[1]), offset >= 0 else { return nil }
      self = .events(after: offset)
    case ("keys", 1): self = .keys(after: nil)
    case ("keys", 3):
      guard let source = Self.bytes(parts[1]), let id = Self.bytes(parts[2]) else { return nil }
      self = .keys(after: EventKey(source: source, id: id))
    default: return nil
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func bytes(_ text: Substring) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}

/// The source and id of an event, by which the log recognizes a repeated event.
public struct EventKey: Sendable, Hashable, Comparable {
  /// The source, in UTF-8.
  public var source: [UInt8]
  /// The id, in UTF-8.
  public var id: [UInt8]

  public init(source: [UInt8], id: [UInt8]) {
    self.source = source
    self.id = id
  }

  init(_ event: ScannedEvent) {
    self.init(
      source: event.withBytes(of: event.source) { Array($0) }, id: event.withBytes(of: event.id) { Array($0) })
  }

  public static func < (left: EventKey, right: EventKey) -> Bool {
    left.source == right.source
      ? left.id.lexicographicallyPrecedes(right.id) : left.source.lexicographicallyPrecedes(right.source)
  }
}

/// The result of verifying part of the log.
public struct VerificationPage: Sendable {
  /// The damage found.
  public internal(set) var damage: [LogDamage] = []
  /// The number of events or keys verified.
  public internal(set) var verified = 0
  /// Where to continue; nil if everything has been verified.
  public internal(set) var next: VerificationCursor?
}

extension LoggedEvent {
  /// Returns the verified event with its attributes; nil if it is not a CloudEvent, which cannot happen if its checksum
  /// matched.
  func scanned(_ scanner: inout EventScanner) -> ScannedEvent? {
    do throws(EventRejection) {
      return try scanner.scan(bytes)
    } catch {
      return nil
    }
  }
}
