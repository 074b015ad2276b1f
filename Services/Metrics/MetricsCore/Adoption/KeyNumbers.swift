/// Assigns consecutive numbers, from 0, to keys in the order in which they first appear.
///
/// Keys are equal if their bytes are. A million keys of 14 bytes take 38 MB.
public struct KeyNumbers: Sendable {
  /// The bytes of all keys, concatenated.
  private var bytes: [UInt8] = []
  /// The end of each key in `bytes`.
  private var ends: [Int] = []
  /// A hash table with linear probing, at most five eighths full. A slot holds the hash in its upper 32 bits and the
  /// key's number plus 1 in its lower 32; 0 marks a free slot.
  private var slots: [UInt64] = [UInt64](repeating: 0, count: 16)

  public init() {}

  /// The number of keys, which is also the number of the next new key.
  public var count: Int { ends.count }

  /// The key with a number.
  public subscript(number: Int) -> String {
    String(decoding: bytes[start(of: number)..<ends[number]], as: UTF8.self)
  }

  /// The number of a key; nil if it has none.
  public func number(of key: String) -> Int? {
    var key = key
    return key.withUTF8 { number(of: UnsafeRawBufferPointer($0)) }
  }

  /// The number of a key; nil if it has none.
  public func number(of key: UnsafeRawBufferPointer) -> Int? { find(key, hash: Self.hash(key)) }

  /// Returns the key's number; a new key gets the next number.
  @discardableResult
  public mutating func insert(_ key: String) -> Int {
    var key = key
    return key.withUTF8 { insert(UnsafeRawBufferPointer($0)) }
  }

  /// Returns the key's number; a new key gets the next number.
  @discardableResult
  public mutating func insert(_ key: UnsafeRawBufferPointer) -> Int {
    let hash = Self.hash(key)
    if let number = find(key, hash: hash) { return number }
    if (count + 1) * 8 > slots.count * 5 { grow() }
    bytes.append(contentsOf: key)
    ends.append(bytes.count)
    place(UInt64(hash) << 32 | UInt64(count), in: &slots)
    return count - 1
  }

  /// Removes all keys but keeps the allocated memory.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    for index in slots.indices { slots[index] = 0 }
  }

  private func start(of number: Int) -> Int { number == 0 ? 0 : ends[number - 1] }

  private static func hash(_ key: UnsafeRawBufferPointer) -> UInt32 {
    var hasher = Hasher()
    hasher.combine(bytes: key)
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }

  private func find(_ key: UnsafeRawBufferPointer, hash: UInt32) -> Int? {
    slots.withUnsafeBufferPointer { slots in
      let mask = slots.count - 1
      var index = Int(hash) & mask
      while slots[index] != 0 {
        let slot = slots[index]
        if UInt32(truncatingIfNeeded: slot >> 32) == hash {
          let number = Int(slot & 0xffff_ffff) - 1
          if isKey(key, at: number) { return number }
        }
        index = (index + 1) & mask
      }
      return nil
    }
  }

  private func isKey(_ key: UnsafeRawBufferPointer, at number: Int) -> Bool {
    let start = start(of: number)
    guard ends[number] - start == key.count else { return false }
    return bytes.withUnsafeBytes { $0[start..<start + key.count].elementsEqual(key) }
  }

  private mutating func grow() {
    var larger = [UInt64](repeating: 0, count: slots.count * 2)
    for slot in slots where slot != 0 { place(slot, in: &larger) }
    slots = larger
  }

  private func place(_ slot: UInt64, in slots: inout [UInt64]) {
    let mask = slots.count - 1
    var index = Int(slot >> 32) & mask
    while slots[index] != 0 { index = (index + 1) & mask }
    slots[index] = slot
  }
}

extension KeyNumbers {
  /// Encodes the keys from a number on, each as its length and its bytes, for storage.
  public func encoded(from first: Int = 0) -> [UInt8] {
    var encoded: [UInt8] = []
    for number in first..<max(first, count) {
      let range = start(of: number)..<ends[number]
      encoded.append(variable: UInt64(range.count))
      encoded.append(contentsOf: bytes[range])
    }
    return encoded
  }

  /// Adds keys that `encoded(from:)` returned.
  ///
  /// - Parameter skipped: the number of keys at the beginning that are already known and are skipped.
  /// - Returns: false if the bytes do not encode keys, or if a key that is not skipped already has a number.
  public mutating func append(encoded: [UInt8], skipping skipped: Int = 0) -> Bool {
    encoded.withUnsafeBytes { buffer in
      var reader = VariableReader(buffer)
      var rest = skipped
      while !reader.isAtEnd {
        guard let length = reader.next(), let key = reader.bytes(length) else { return false }
        guard rest == 0 else {
          rest -= 1
          continue
        }
        let next = count
        guard insert(key) == next else { return false }
      }
      return true
    }
  }
}

extension [UInt8] {
  /// Appends a number in groups of 7 bits, lowest first; every byte except the last has its highest bit set (LEB128).
  @inline(__always)
  mutating func append(variable number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }
}

/// Reads numbers written by `append(variable:)`.
struct VariableReader {
  private let buffer: UnsafeRawBufferPointer
  private var position = 0

  init(_ buffer: UnsafeRawBufferPointer) { self.buffer = buffer }

  var isAtEnd: Bool { position == buffer.count }

  /// The next number; nil if the bytes end within it, or if it exceeds 64 bits.
  @inline(__always)
  mutating func next() -> UInt64? {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while position < buffer.count, shift < 64 {
      let byte = buffer[position]
      position += 1
      number |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return number }
      shift += 7
    }
    return nil
  }

  /// The next `count` bytes; nil if there are fewer.
  mutating func bytes(_ count: UInt64) -> UnsafeRawBufferPointer? {
    guard count <= UInt64(buffer.count - position) else { return nil }
    let end = position + Int(count)
    defer { position = end }
    return UnsafeRawBufferPointer(rebasing: buffer[position..<end])
  }
}
