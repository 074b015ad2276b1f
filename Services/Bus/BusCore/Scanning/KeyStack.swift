#if canImport(Glibc)
  import Glibc
#endif

/// The keys of the objects that are open during a scan, to detect duplicate keys.
///
/// The keys of a small object are compared one by one, those of a large one through a set, so that neither a typical
/// event nor one made of keys alone is slow. Keys point into the scanned bytes or, if they were written with escapes,
/// into memory that this type owns until `reset()`.
struct KeyStack: ~Copyable {
  /// An object with at least this many keys looks them up in a set.
  private static let smallObject = 16

  /// Elements from `used` on are unused capacity.
  private var keys: [Key] = []
  private var used = 0
  private var owned: [UnsafeMutableRawBufferPointer] = []

  init() {}

  deinit { for buffer in owned { buffer.deallocate() } }

  /// A key, identified by its bytes.
  struct Key: Hashable {
    let start: UnsafeRawPointer
    let count: Int

    init(start: UnsafeRawPointer, count: Int) {
      self.start = start
      self.count = count
    }

    /// Creates the key of these bytes; nil if the buffer has no address.
    init?(_ bytes: UnsafeRawBufferPointer) {
      guard let start = bytes.baseAddress else { return nil }
      self.init(start: start, count: bytes.count)
    }

    @inline(__always)
    static func == (left: Self, right: Self) -> Bool {
      left.count == right.count && memcmp(left.start, right.start, left.count) == 0
    }

    func hash(into hasher: inout Hasher) { hasher.combine(bytes: UnsafeRawBufferPointer(start: start, count: count)) }

    /// Whether the key equals the word.
    @inline(__always)
    func equals(_ word: StaticString) -> Bool {
      count == word.utf8CodeUnitCount && memcmp(start, word.utf8Start, count) == 0
    }
  }

  /// The keys of one open object.
  struct Object {
    fileprivate let first: Int
    fileprivate var large: Set<Key> = []
  }

  @inline(__always)
  func openObject() -> Object { Object(first: used) }

  @inline(__always)
  mutating func closeObject(_ object: Object) { used = object.first }

  /// Inserts a key; returns false if the object already has it.
  @inline(__always)
  mutating func insert(_ key: Key, into object: inout Object) -> Bool {
    guard used - object.first < Self.smallObject else { return insertIntoLarge(key, &object) }
    for index in object.first..<used where keys[index] == key { return false }
    if used < keys.count { keys[used] = key } else { keys.append(key) }
    used += 1
    return true
  }

  private func insertIntoLarge(_ key: Key, _ object: inout Object) -> Bool {
    if object.large.isEmpty { object.large = Set(keys[object.first..<used]) }
    return object.large.insert(key).inserted
  }

  /// Copies the bytes of a key, which stay valid until `reset()`.
  mutating func copy(_ bytes: [UInt8]) -> Key {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
    buffer.copyBytes(from: bytes)
    owned.append(buffer)
    return Key(start: UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped), count: bytes.count)
  }

  /// Removes all keys; the memory they pointed into may be freed afterwards.
  mutating func reset() {
    used = 0
    guard !owned.isEmpty else { return }
    for buffer in owned { buffer.deallocate() }
    owned.removeAll()
  }
}
