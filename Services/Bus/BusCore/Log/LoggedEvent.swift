import Crypto
public import LaunchModel

/// An event that is in the log.
public struct LoggedEvent: Sendable {
  /// Its place in the log, dense and ascending from 1.
  public let offset: Int64
  /// When the bus stored it; never earlier than that of the offset before.
  public let storedAt: Timestamp
  /// As the producer wrote them.
  public let bytes: [UInt8]
  /// The event's type, in `bytes` or `unescaped`.
  public let type: AttributeText
  /// The texts of attributes that were written with escapes.
  public let unescaped: [UInt8]

  public init(offset: Int64, storedAt: Timestamp, bytes: [UInt8], type: AttributeText, unescaped: [UInt8] = []) {
    self.offset = offset
    self.storedAt = storedAt
    self.bytes = bytes
    self.type = type
    self.unescaped = unescaped
  }

  /// An event that has just been stored.
  public init(_ event: ScannedEvent, offset: Int64, storedAt: Timestamp) {
    self.init(offset: offset, storedAt: storedAt, bytes: event.bytes, type: event.type, unescaped: event.unescaped)
  }
}

/// What became of an event that was appended.
public enum AppendOutcome: Sendable, Hashable {
  /// It is in the log and on disk.
  case stored(Int64)
  /// The same bytes have been in the log before, at that offset.
  case duplicate(Int64)
  /// Another event of the same source and id is in the log, at that offset.
  case idReused(Int64)
}

/// Events found in the log, and how far was searched for them.
public struct LogPage: Sendable {
  /// By ascending offset.
  public var events: [LoggedEvent]
  /// Nothing else that matches lies up to this offset.
  public var searched: Int64

  public init(events: [LoggedEvent], searched: Int64) {
    self.events = events
    self.searched = searched
  }
}

/// How much one reading of the log may take.
public struct ReadLimits: Sendable, Hashable {
  /// How many events at most; default 1,024.
  public var events: Int
  /// Bytes of all events together; a single larger event is given all the same.
  public var bytes: Int
  /// How many offsets may be looked at, so that a rare type does not hold up everybody else.
  public var examined: Int

  public init(events: Int = 1_024, bytes: Int = 3 << 20, examined: Int = 8_192) {
    self.events = events
    self.bytes = bytes
    self.examined = examined
  }
}

extension LoggedEvent {
  /// An event as it was found in a store.
  ///
  /// - Parameter typeLength: 0 for a type that was written with escapes, which has no place of its own in the bytes.
  /// - Throws: `LogError.corrupt` where it is not what was stored.
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
/// It is the first eight bytes of the SHA-256 (FIPS 180-4) of the event's bytes, as a little-endian integer, each bit
/// flipped where the offset or the time of storing has a one: an event that was damaged, swapped or moved does not fit.
enum EventChecksum {
  /// The part that the bytes make up, which can be known before the event has an offset.
  static func content(of bytes: UnsafeRawBufferPointer) -> Int64 {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return hash.finalize().withUnsafeBytes { Int64(littleEndian: $0.load(as: Int64.self)) }
  }

  static func of(content: Int64, offset: Int64, storedAt: Timestamp) -> Int64 {
    content ^ offset ^ storedAt.microseconds
  }
}
