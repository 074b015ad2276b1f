import DequeModule
import LaunchModel

/// An in-memory cache of the newest events of the log, without gaps, as many as fit.
public struct RecentEvents: Sendable {
  private var events: Deque<LoggedEvent> = []
  private var byteCount = 0
  private let capacity: Int
  /// The newest offset of the log, even if its event is not cached.
  public private(set) var head: Int64

  /// - Parameters:
  ///   - capacity: bytes of events to keep.
  ///   - head: the newest offset of the log so far; its events are on disk only.
  public init(capacity: Int, head: Int64) {
    self.capacity = capacity
    self.head = head
  }

  /// The oldest cached offset, or `head` + 1 if none is cached.
  public var first: Int64 { head + 1 - Int64(events.count) }

  /// Appends the event that follows the newest one.
  public mutating func append(_ event: LoggedEvent) {
    events.append(event)
    head = event.offset
    byteCount += event.bytes.count + Self.overhead
    while byteCount > capacity, let oldest = events.popFirst() { byteCount -= oldest.bytes.count + Self.overhead }
  }

  /// Drops the events up to an offset.
  public mutating func prune(through offset: Int64) {
    while let oldest = events.first, oldest.offset <= offset {
      byteCount -= oldest.bytes.count + Self.overhead
      events.removeFirst()
    }
  }

  /// Returns the events after an offset, or nil if some of them are only on disk.
  public func page(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) -> LogPage? {
    guard offset + 1 >= first else { return nil }
    var page = LogPage(events: [], searched: max(offset, head))
    var bytes = 0
    for index in Int(offset + 1 - first)..<max(events.count, Int(offset + 1 - first)) {
      let event = events[index]
      guard filter.matches(event) else { continue }
      bytes += event.bytes.count
      guard page.events.count < limits.events, bytes <= limits.bytes || page.events.isEmpty else {
        page.searched = event.offset - 1
        break
      }
      page.events.append(event)
    }
    return page
  }

  /// Whether a cached event after the offset matches the filter.
  public func hasMatch(after offset: Int64, _ filter: TypeFilter) -> Bool {
    let start = max(offset + 1, first)
    return start <= head && events[Int(start - first)...].contains(where: filter.matches)
  }

  /// The approximate memory that an event takes in addition to its bytes.
  private static let overhead = 128
}
