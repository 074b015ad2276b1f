#if canImport(Glibc)
  import Glibc
#endif

/// Which types of events are wanted: those that begin with one of the prefixes, or all where there is none.
public struct TypeFilter: Sendable, Hashable {
  /// As they were asked for.
  public let prefixes: [String]
  private let bytes: [[UInt8]]

  /// Every type.
  public static let all = TypeFilter([])

  /// Takes prefixes as `dev.gonogo.signal.`; an empty list lets every type through.
  public init(_ prefixes: [String]) {
    self.prefixes = prefixes
    bytes = prefixes.map { Array($0.utf8) }
  }

  /// Whether the event is wanted.
  public func matches(_ event: LoggedEvent) -> Bool {
    bytes.isEmpty || event.type.withBytes(in: event.bytes, unescaped: event.unescaped, matches)
  }

  /// Whether events of that type are wanted.
  public func matches(_ type: UnsafeRawBufferPointer) -> Bool {
    bytes.isEmpty
      || bytes.contains { prefix in
        prefix.withUnsafeBytes { prefix in
          guard type.count >= prefix.count, let start = type.baseAddress, let wanted = prefix.baseAddress else {
            return prefix.isEmpty
          }
          return memcmp(start, wanted, prefix.count) == 0
        }
      }
  }
}
