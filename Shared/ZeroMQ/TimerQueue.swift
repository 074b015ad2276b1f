/// A priority queue of actions by their due time, implemented as a binary heap.
struct TimerQueue<Action> {
  private var heap: [(at: ContinuousClock.Instant, action: Action)] = []

  /// When the earliest action is due.
  var next: ContinuousClock.Instant? { heap.first?.at }

  mutating func add(_ action: Action, at moment: ContinuousClock.Instant) {
    heap.append((moment, action))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].at < heap[parent].at else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Removes and returns the earliest action if it is due.
  mutating func popDue(at now: ContinuousClock.Instant) -> Action? {
    guard let first = heap.first, first.at <= now else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    siftDown()
    return first.action
  }

  private mutating func siftDown() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].at < heap[least].at {
        least = child
      }
      guard least != parent else { return }
      heap.swapAt(least, parent)
      parent = least
    }
  }
}
