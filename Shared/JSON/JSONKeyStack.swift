public import Glibc

/// The keys of the objects that are open while a text is read, for finding duplicates.
///
/// The keys of a small object are compared one by one, those of a large one through a set, so that both ordinary texts
/// and texts made of keys alone are fast. Keys point into the scanned bytes or, if they were written with escapes, into
/// memory that this type owns until `reset()`.
public struct JSONKeyStack: ~Copyable {
  /// The number of keys up to which an object is searched one by one, rather than through a set.
  @inlinable static var smallObject: Int { 16 }

  /// The keys; those from index `used` on are unused, and their memory is reused.
  @usableFromInline var keys: [Key] = []
  @usableFromInline var used = 0
  private var owned: [UnsafeMutableRawBufferPointer] = []

  /// Creates an empty stack.
  public init() {}

  deinit { for buffer in owned { buffer.deallocate() } }

  /// One key, by its bytes.
  public struct Key: Hashable {
    /// The first byte, in the text or in the stack's memory.
    public let start: UnsafeRawPointer
    /// The number of bytes.
    public let count: Int

    @inlinable
    init(start: UnsafeRawPointer, count: Int) {
      self.start = start
      self.count = count
    }

    /// Creates a key from bytes; nil if there are none.
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

    /// Returns whether the key equals the word.
    @inlinable @inline(__always)
    public func equals(_ word: StaticString) -> Bool {
      count == word.utf8CodeUnitCount && memcmp(start, word.utf8Start, count) == 0
    }
  }

  /// The keys of one open object.
  public struct Object {
    @usableFromInline let first: Int
    @usableFromInline var large: Set<Key> = []

    @inlinable
    init(first: Int) { self.first = first }
  }

  /// Opens an object within the current one.
  @inlinable @inline(__always)
  public func openObject() -> Object { Object(first: used) }

  /// Removes the keys of the object that was opened last.
  @inlinable @inline(__always)
  public mutating func closeObject(_ object: Object) { used = object.first }

  /// Adds a key.
  ///
  /// - Returns: false if the object already has it.
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

  /// Stores the bytes of a key until `reset()`.
  public mutating func own(_ bytes: [UInt8]) -> Key {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
    buffer.copyBytes(from: bytes)
    owned.append(buffer)
    return Key(start: UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped), count: bytes.count)
  }

  /// Removes all keys, so that the memory they point into may be freed.
  public mutating func reset() {
    used = 0
    guard !owned.isEmpty else { return }
    for buffer in owned { buffer.deallocate() }
    owned.removeAll()
  }
}
