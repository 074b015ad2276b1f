public import Glibc

/// The keys of the objects that are open while a text is read, to find one that an object has twice.
///
/// The keys of a small object are compared one by one, and those of a large one through a set, so that neither the
/// usual text nor one made of keys alone is slow. Keys point into the scanned bytes, or, where they were written with
/// escapes, into memory that this owns until `reset()`.
public struct JSONKeyStack: ~Copyable {
  /// An object with more keys than this looks them up in a set.
  @inlinable static var smallObject: Int { 16 }

  /// Those from `used` on are leftovers, kept for their room.
  @usableFromInline var keys: [Key] = []
  @usableFromInline var used = 0
  private var owned: [UnsafeMutableRawBufferPointer] = []

  /// A stack without keys.
  public init() {}

  deinit { for buffer in owned { buffer.deallocate() } }

  /// One key, by its bytes.
  public struct Key: Hashable {
    /// Its first byte; in the text, or in memory of the stack.
    public let start: UnsafeRawPointer
    /// How many bytes it has.
    public let count: Int

    @inlinable
    init(start: UnsafeRawPointer, count: Int) {
      self.start = start
      self.count = count
    }

    /// The key of those bytes, which are not empty.
    @inlinable
    public init?(_ bytes: UnsafeRawBufferPointer) {
      guard let start = bytes.baseAddress else { return nil }
      self.init(start: start, count: bytes.count)
    }

    @inlinable @inline(__always)
    public static func == (left: Self, right: Self) -> Bool {
      left.count == right.count && memcmp(left.start, right.start, left.count) == 0
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(bytes: UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Whether the key is that word.
    @inlinable @inline(__always)
    public func equals(_ word: StaticString) -> Bool {
      count == word.utf8CodeUnitCount && memcmp(start, word.utf8Start, count) == 0
    }
  }

  /// The keys of one object that is open.
  public struct Object {
    @usableFromInline let first: Int
    @usableFromInline var large: Set<Key> = []

    @inlinable
    init(first: Int) { self.first = first }
  }

  /// Begins an object within those that are open.
  @inlinable @inline(__always)
  public func openObject() -> Object { Object(first: used) }

  /// Forgets the keys of the object, which was opened last.
  @inlinable @inline(__always)
  public mutating func closeObject(_ object: Object) { used = object.first }

  /// Adds a key; false where the object has it already.
  @inlinable @inline(__always)
  public mutating func insert(_ key: Key, into object: inout Object) -> Bool {
    guard used - object.first < Self.smallObject else { return insertIntoLarge(key, &object) }
    for index in object.first..<used where keys[index] == key { return false }
    if used < keys.count { keys[used] = key } else { keys.append(key) }
    used += 1
    return true
  }

  @usableFromInline
  func insertIntoLarge(_ key: Key, _ object: inout Object) -> Bool {
    if object.large.isEmpty { object.large = Set(keys[object.first..<used]) }
    return object.large.insert(key).inserted
  }

  /// Keeps the bytes of a key until `reset()`.
  public mutating func own(_ bytes: [UInt8]) -> Key {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
    buffer.copyBytes(from: bytes)
    owned.append(buffer)
    return Key(start: UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped), count: bytes.count)
  }

  /// Forgets all keys; what they pointed into may go.
  public mutating func reset() {
    used = 0
    guard !owned.isEmpty else { return }
    for buffer in owned { buffer.deallocate() }
    owned.removeAll()
  }
}
