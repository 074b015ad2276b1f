import DequeModule
import LaunchModel

/// The newest events of the log in memory, without a gap, as many as fit.
public struct RecentEvents: Sendable {
  private var events: Deque<LoggedEvent> = []
  private var byteCount = 0
  private let capacity: Int
  /// The newest offset of the log, whether its event is here or not.
  public private(set) var head: Int64

  /// - Parameters:
  ///   - capacity: bytes of events to keep.
  ///   - head: the newest offset of the log so far; its events are on disk.
  public init(capacity: Int, head: Int64) {
    self.capacity = capacity
    self.head = head
  }

  /// The oldest offset that is here; `head` + 1 where none is.
  public var first: Int64 { head + 1 - Int64(events.count) }

  /// Adds the event that follows the newest.
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

  /// Events after an offset; nil where some of them are on disk only.
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

  /// The newest offset after that one whose event is wanted, among those that are here.
  public func hasMatch(after offset: Int64, _ filter: TypeFilter) -> Bool {
    let start = max(offset + 1, first)
    return start <= head && events[Int(start - first)...].contains(where: filter.matches)
  }

  /// What an event takes beside its bytes, about.
  private static let overhead = 128
}
