import Crypto
import LaunchModel
import Storage

/// Sources and ids of events, as columns of a table.
struct KeyColumns {
  /// Bytes of a source and an id together that an index takes for certain (it takes 2,704, with what it adds).
  private static let longest = 2_000
  /// Stands for a source that is too long; no event has it, for a URI reference has no spaces.
  private static let stand = Array(" sha256".utf8)

  private(set) var sources = SQLArray.texts
  private(set) var ids = SQLArray.texts

  init(_ events: some Sequence<ScannedEvent>) {
    for event in events { append(event) }
  }

  private mutating func append(_ event: ScannedEvent) {
    event.withBytes(of: event.source) { source in
      event.withBytes(of: event.id) { id in
        guard source.count + id.count > Self.longest else {
          sources.append(source)
          ids.append(id)
          return
        }
        Self.stand.withUnsafeBytes { sources.append($0) }
        Self.digest(source, id).withUnsafeBytes { ids.append($0) }
      }
    }
  }

  /// What stands for a source and id that an index may not take; nil where they stand for themselves.
  static func standIn(source: String, id: String) -> (source: String, id: String)? {
    var (source, id) = (source, id)
    guard source.utf8.count + id.utf8.count > longest else { return nil }
    let digits = source.withUTF8 { source in
      id.withUTF8 { digest(UnsafeRawBufferPointer(source), UnsafeRawBufferPointer($0)) }
    }
    return (String(decoding: stand, as: UTF8.self), String(decoding: digits, as: UTF8.self))
  }

  /// SHA-256 over source and id, a zero between them, which neither has, in hexadecimal.
  private static func digest(_ source: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    let digest = SHA256.hash(data: Array(source) + [0] + Array(id))
    return digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }
}

/// Events with what the log adds to each, as columns of a table.
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
      let type = event.type.place ?? 0..<0
      times.append(storedAt.microseconds)
      checksums.append(EventChecksum.of(content: event.contentChecksum, offset: offset, storedAt: storedAt))
      typeStarts.append(Int64(type.lowerBound))
      typeLengths.append(Int64(type.count))
      event.bytes.withUnsafeBytes { bytes.append($0) }
    }
  }

  /// All but the offset, in the order of the table.
  var arrays: [SQLArray] { [times, checksums, typeStarts, typeLengths, bytes] }

  /// The bytes alone.
  static func bytes(_ events: [ScannedEvent]) -> SQLArray {
    var bytes = SQLArray.blobs
    for event in events { event.bytes.withUnsafeBytes { bytes.append($0) } }
    return bytes
  }
}

/// Tells which events of a group are new, where some are in the log already or come twice.
struct GroupSorting {
  /// The new ones, in order.
  private(set) var fresh: [ScannedEvent] = []
  private let head: Int64
  /// By source and id, a zero between them, the places among the new ones.
  private var places: [[UInt8]: Int] = [:]

  /// - Parameter head: the newest offset before the group.
  init(head: Int64) { self.head = head }

  /// What becomes of the next event of the group.
  ///
  /// - Parameter found: what the log says of it; nil where it does not have its source and id.
  mutating func outcome(of event: ScannedEvent, found: AppendOutcome?) -> AppendOutcome {
    if let found { return found }
    let key = event.withBytes(of: event.source) { Array($0) } + [0] + event.withBytes(of: event.id) { Array($0) }
    if let place = places[key] {
      let offset = head + 1 + Int64(place)
      return fresh[place].bytes == event.bytes ? .duplicate(offset) : .idReused(offset)
    }
    places[key] = fresh.count
    fresh.append(event)
    return .stored(head + Int64(fresh.count))
  }
}
