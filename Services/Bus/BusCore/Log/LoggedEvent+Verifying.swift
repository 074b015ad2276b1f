import LaunchModel

extension LoggedEvent {
  /// An event as it was found in a store.
  ///
  /// - Parameter typeLength: 0 for a type that was written with escapes, which has no place of its own in the bytes.
  /// - Throws: `LogFault.corrupt` where it is not what was stored.
  init(
    verifying bytes: [UInt8], offset: Int64, storedAt: Timestamp, checksum: Int64, typeStart: Int, typeLength: Int
  ) throws {
    let content = bytes.withUnsafeBytes { EventChecksum.content(of: $0) }
    guard checksum == EventChecksum.of(content: content, offset: offset, storedAt: storedAt) else {
      throw LogFault.corrupt(offset: offset)
    }
    guard typeLength == 0 else {
      guard typeStart >= 0, typeLength > 0, typeLength <= bytes.count, typeStart <= bytes.count - typeLength else {
        throw LogFault.corrupt(offset: offset)
      }
      self.init(
        offset: offset, storedAt: storedAt, bytes: bytes, type: AttributeText(start: typeStart, count: typeLength))
      return
    }
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    self.init(try scanner.scan(bytes), offset: offset, storedAt: storedAt)
  }
}
