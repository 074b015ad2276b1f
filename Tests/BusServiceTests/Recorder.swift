import Synchronization

/// Collects values from other threads.
final class Recorder<Element: Sendable>: Sendable {
  private let state = Mutex<[Element]>([])

  var all: [Element] { state.withLock { $0 } }

  func record(_ element: Element) { state.withLock { $0.append(element) } }
}
