import Crypto
public import LaunchModel

/// An event in the log.
public struct LoggedEvent: Sendable {
  /// Its offset in the log, dense and ascending from 1.
  public let offset: Int64
  /// When the bus stored it; never earlier than `storedAt` of the previous offset.
  public let storedAt: Timestamp
  /// The event as the producer wrote it.
  public let bytes: [UInt8]
  /// The event's type, in `bytes` or `unescaped`.
  public let type: AttributeText
  /// The unescaped texts of attributes that were written with escapes.
  public let unescaped: [UInt8]

  public init(offset: Int64, storedAt: Timestamp, bytes: [UInt8], type: AttributeText, unescaped: [UInt8] = []) {
    self.offset = offset
    self.storedAt = storedAt
    self.bytes = bytes
    self.type = type
    self.unescaped = unescaped
  }

  /// Creates the logged form of an event that has just been stored.
  public init(_ event: ScannedEvent, offset: Int64, storedAt: Timestamp) {
    self.init(offset: offset, storedAt: storedAt, bytes: event.bytes, type: event.type, unescaped: event.unescaped)
  }
}

/// The outcome of appending one event.
public enum AppendOutcome: Sendable, Hashable {
  /// The event is in the log and on disk, at this offset.
  case stored(Int64)
  /// The same event (`EventContent`) was already in the log, at this offset.
  case duplicate(Int64)
  /// A different event with the same source and id is in the log, at this offset.
  case idReused(Int64)
}

/// The events that a read found, and how far it searched.
public struct LogPage: Sendable {
  /// The events by ascending offset.
  public var events: [LoggedEvent]
  /// No other event up to this offset matches.
  public var searched: Int64

  public init(events: [LoggedEvent], searched: Int64) {
    self.events = events
    self.searched = searched
  }
}

/// Limits for one read of the log.
public struct ReadLimits: Sendable, Hashable {
  /// Maximum number of events. Default 1,024.
  public var events: Int
  /// Maximum bytes of all events together. A larger first event is returned anyway. Default 3 MiB.
  public var bytes: Int
  /// Maximum number of offsets to examine, so that a rare type does not hold up other work. Default 8,192.
  public var examined: Int

  public init(events: Int = 1_024, bytes: Int = 3 << 20, examined: Int = 8_192) {
    self.events = events
    self.bytes = bytes
    self.examined = examined
  }
}

extension LoggedEvent {
  /// Restores an event from a stored row and verifies its checksum.
  ///
  /// - Parameter typeLength: 0 if the type was written with escapes; its text is then not a range of the bytes.
  /// - Throws: `LogError.corrupt` if the event does not match what was stored.
  init(
    verifying bytes: [UInt8], offset: Int64, storedAt: Timestamp, checksum: Int64, typeStart: Int, typeLength: Int
  ) throws {
    let content = bytes.withUnsafeBytes { EventChecksum.content(of: $0) }
    guard checksum == EventChecksum.of(content: content, offset: offset, storedAt: storedAt) else {
      throw LogError.corrupt(offset: offset)
    }
    guard typeLength == 0 else {
      guard typeStart >= 0, typeLength > 0, typeLength <= bytes.count, typeStart <= bytes.count - typeLength else {
        throw LogError.corrupt(offset: offset)
      }
      self.init(
        offset: offset, storedAt: storedAt, bytes: bytes, type: AttributeText(start: typeStart, count: typeLength))
      return
    }
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    self.init(try scanner.scan(bytes), offset: offset, storedAt: storedAt)
  }
}

/// The checksum that is stored with each event and verified when it is read.
///
/// It is the first eight bytes of the SHA-256 (FIPS 180-4) of the event's bytes, as a little-endian integer, combined
/// by XOR with the offset and the storage time. An event that was damaged, swapped or moved does not match.
enum EventChecksum {
  /// Returns the part that depends on the bytes alone, which is known before the event has an offset.
  static func content(of bytes: UnsafeRawBufferPointer) -> Int64 {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return hash.finalize().withUnsafeBytes { Int64(littleEndian: $0.load(as: Int64.self)) }
  }

  static func of(content: Int64, offset: Int64, storedAt: Timestamp) -> Int64 {
    content ^ offset ^ storedAt.microseconds
  }
}
