#if canImport(Glibc)
  import Glibc
#endif

/// The keys of the objects that are open while an event is scanned, to find one that an object has twice.
///
/// The keys of a small object are compared one by one, and those of a large one through a set, so that neither the
/// usual event nor one made of keys alone is slow. Keys point into the scanned bytes, or, where they were written with
/// escapes, into memory that this owns until `reset()`.
struct KeyStack: ~Copyable {
  /// An object with more keys than this looks them up in a set.
  private static let smallObject = 16

  /// Those from `used` on are leftovers, kept for their room.
  private var keys: [Key] = []
  private var used = 0
  private var owned: [UnsafeMutableRawBufferPointer] = []

  init() {}

  deinit { for buffer in owned { buffer.deallocate() } }

  /// One key, by its bytes.
  struct Key: Hashable {
    let start: UnsafeRawPointer
    let count: Int

    init(start: UnsafeRawPointer, count: Int) {
      self.start = start
      self.count = count
    }

    /// The key of those bytes, which are not empty.
    init?(_ bytes: UnsafeRawBufferPointer) {
      guard let start = bytes.baseAddress else { return nil }
      self.init(start: start, count: bytes.count)
    }

    @inline(__always)
    static func == (left: Self, right: Self) -> Bool {
      left.count == right.count && memcmp(left.start, right.start, left.count) == 0
    }

    func hash(into hasher: inout Hasher) { hasher.combine(bytes: UnsafeRawBufferPointer(start: start, count: count)) }

    /// Whether the key is that word.
    @inline(__always)
    func equals(_ word: StaticString) -> Bool {
      count == word.utf8CodeUnitCount && memcmp(start, word.utf8Start, count) == 0
    }
  }

  /// The keys of one object that is being scanned.
  struct Object {
    fileprivate let first: Int
    fileprivate var large: Set<Key> = []
  }

  @inline(__always)
  func openObject() -> Object { Object(first: used) }

  @inline(__always)
  mutating func closeObject(_ object: Object) { used = object.first }

  /// False where the object has the key already.
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

  /// Keeps the bytes of a key until `reset()`.
  mutating func own(_ bytes: [UInt8]) -> Key {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
    buffer.copyBytes(from: bytes)
    owned.append(buffer)
    return Key(start: UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped), count: bytes.count)
  }

  /// Forgets all keys; what they pointed into may go.
  mutating func reset() {
    used = 0
    guard !owned.isEmpty else { return }
    for buffer in owned { buffer.deallocate() }
    owned.removeAll()
  }
}
