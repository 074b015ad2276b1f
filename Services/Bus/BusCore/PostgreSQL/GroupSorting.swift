/// Tells which events of a group are new, where some are in the log already or come twice.
struct GroupSorting {
  /// The new ones, in order.
  private(set) var fresh: [ScannedEvent] = []
  private let head: Int64
  /// By source and id, a zero between them, the places among the new ones.
  private var places: [[UInt8]: Int] = [:]

  /// - Parameter head: the newest offset before the group.
  init(head: Int64) { self.head = head }

  /// What becomes of the next event of the group.
  ///
  /// - Parameter found: what the log says of it; nil where it does not have its source and id.
  mutating func outcome(of event: ScannedEvent, found: AppendOutcome?) -> AppendOutcome {
    if let found { return found }
    let key = event.withBytes(of: event.source) { Array($0) } + [0] + event.withBytes(of: event.id) { Array($0) }
    if let place = places[key] {
      let offset = head + 1 + Int64(place)
      return fresh[place].bytes == event.bytes ? .duplicate(offset) : .idReused(offset)
    }
    places[key] = fresh.count
    fresh.append(event)
    return .stored(head + Int64(fresh.count))
  }
}
