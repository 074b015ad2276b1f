import Crypto
import LaunchModel
import Storage

/// The sources and ids of events, as columns of a table.
struct KeyColumns {
  /// The maximum total size in bytes of a source and id that are stored unchanged. An index entry has at most 2,704
  /// bytes, including overhead.
  private static let maximumBytes = 2_000
  /// Replaces a source that is too long. No event can have this source, because a URI reference contains no spaces.
  private static let digestMarker = Array(" sha256".utf8)

  private(set) var sources = SQLArray.texts
  private(set) var ids = SQLArray.texts

  init(_ events: some Sequence<ScannedEvent>) {
    for event in events { append(event) }
  }

  private mutating func append(_ event: ScannedEvent) {
    event.withBytes(of: event.source) { source in
      event.withBytes(of: event.id) { id in
        guard source.count + id.count > Self.maximumBytes else {
          sources.append(source)
          ids.append(id)
          return
        }
        Self.digestMarker.withUnsafeBytes { sources.append($0) }
        Self.digest(source, id).withUnsafeBytes { ids.append($0) }
      }
    }
  }

  /// A source and id in their stored form.
  struct Key: Hashable {
    let source: String
    let id: String
  }

  /// Returns an event's source and id in their stored form.
  static func key(of event: ScannedEvent) -> Key {
    let (source, id) = (event.string(event.source), event.string(event.id))
    return replacement(source: source, id: id).map { Key(source: $0.source, id: $0.id) } ?? Key(source: source, id: id)
  }

  /// Returns the replacement for a source and id that are too long for an index; nil if they are short enough.
  static func replacement(source: String, id: String) -> (source: String, id: String)? {
    var (source, id) = (source, id)
    guard source.utf8.count + id.utf8.count > maximumBytes else { return nil }
    let digits = source.withUTF8 { source in
      id.withUTF8 { digest(UnsafeRawBufferPointer(source), UnsafeRawBufferPointer($0)) }
    }
    return (String(decoding: digestMarker, as: UTF8.self), String(decoding: digits, as: UTF8.self))
  }

  /// Returns the SHA-256, in hexadecimal, of source and id with a zero byte between them, which occurs in neither.
  private static func digest(_ source: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    let digest = SHA256.hash(data: Array(source) + [0] + Array(id))
    return digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }
}

/// Events, and the data that the log adds to each, as columns of a table.
struct EventColumns {
  private var times = SQLArray.integers
  private var checksums = SQLArray.integers
  private var typeStarts = SQLArray.integers
  private var typeLengths = SQLArray.integers
  private var bytes = SQLArray.blobs

  init(_ events: [ScannedEvent], after head: Int64, storedAt: Timestamp) {
    var offset = head
    for event in events {
      offset += 1
      let columns = event.storedColumns(offset: offset, storedAt: storedAt)
      times.append(storedAt.microseconds)
      checksums.append(columns.checksum)
      typeStarts.append(columns.typeStart)
      typeLengths.append(columns.typeLength)
      event.bytes.withUnsafeBytes { bytes.append($0) }
    }
  }

  /// All columns except the offset, in the table's column order.
  var arrays: [SQLArray] { [times, checksums, typeStarts, typeLengths, bytes] }

  /// The bytes column alone.
  static func bytes(_ events: [ScannedEvent]) -> SQLArray {
    var bytes = SQLArray.blobs
    for event in events { event.bytes.withUnsafeBytes { bytes.append($0) } }
    return bytes
  }
}

/// Assigns offsets to the new events of a batch that contains repeated events.
struct BatchDeduplicator {
  /// The new events, in order.
  private(set) var newEvents: [ScannedEvent] = []
  private let head: Int64
  /// The index in `newEvents` of each source and id; the two are joined by a zero byte.
  private var indices: [[UInt8]: Int] = [:]

  /// - Parameter head: the newest offset before the batch.
  init(head: Int64) { self.head = head }

  /// Returns the outcome of the next event of the batch.
  ///
  /// - Parameter found: the outcome if the event's source and id are already in the log; nil if they are not.
  mutating func outcome(of event: ScannedEvent, found: AppendOutcome?) -> AppendOutcome {
    if let found { return found }
    let key = event.withBytes(of: event.source) { Array($0) } + [0] + event.withBytes(of: event.id) { Array($0) }
    if let index = indices[key] {
      let offset = head + 1 + Int64(index)
      return EventContent.isSame(newEvents[index].bytes, event.bytes) ? .duplicate(offset) : .idReused(offset)
    }
    indices[key] = newEvents.count
    newEvents.append(event)
    return .stored(head + Int64(newEvents.count))
  }
}
