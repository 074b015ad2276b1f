import Contract

/// Reads the whole record of sources and ids once, in its order. If the rows ascend without a gap, every look-up finds
/// its row; and if the sum of their digests equals the recorded sum, they are the rows that were written. A swapped
/// page, or a changed or lost row, therefore cannot let a repeated event into the log.
struct KeyScan {
  /// The last key that was read.
  private(set) var last = EventKey(source: [], id: [])
  /// The sum of the digests of all rows read so far.
  private(set) var sum: Int64 = 0
  /// The damage found: rows that are out of order, or whose offset is beyond the log or also claimed by another row.
  private(set) var damage: [LogDamage] = []
  private let bounds: LogBounds
  /// A bit for each offset, set if a row has it.
  private var isRecorded: [UInt64]

  /// - Parameter bounds: the log's bounds, which must not change until all rows have been read.
  init(_ bounds: LogBounds) {
    self.bounds = bounds
    isRecorded = Array(repeating: 0, count: Int(max(0, bounds.head - bounds.first + 1) + 63) / 64)
  }

  mutating func add(_ rows: [RecordedKey]) {
    for row in rows {
      sum &+= row.key.source.withUnsafeBytes { source in
        row.key.id.withUnsafeBytes { KeyDigest.of(source, $0, row.offset) }
      }
      guard row.isInOrder, record(row.offset) else {
        damage.add(.keys, row.offset)
        continue
      }
    }
    if let key = rows.last?.key { last = key }
  }

  /// Marks the offset; returns false if it is not in the log or is already marked.
  private mutating func record(_ offset: Int64) -> Bool {
    guard offset >= bounds.first, offset <= bounds.head else { return false }
    let (word, bit) = Int(offset - bounds.first).quotientAndRemainder(dividingBy: 64)
    defer { isRecorded[word] |= 1 << UInt64(bit) }
    return isRecorded[word] & 1 << UInt64(bit) == 0
  }

  /// The offsets without a row, after all rows have been read.
  var unrecorded: some Sequence<Int64> {
    (bounds.first..<max(bounds.first, bounds.head + 1)).lazy.filter { [isRecorded, bounds] offset in
      let (word, bit) = Int(offset - bounds.first).quotientAndRemainder(dividingBy: 64)
      return isRecorded[word] & 1 << UInt64(bit) == 0
    }
  }
}
