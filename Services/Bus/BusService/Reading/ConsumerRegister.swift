import LaunchModel
import Synchronization

/// Which consumers there are and how far each is, in memory; the ledger has it on disk, a little behind.
final class ConsumerRegister: Sendable {
  private struct State {
    var offsets: [String: Int64]
    var unsaved: Set<String> = []
  }

  private let state: Mutex<State>

  init(offsets: [String: Int64]) { state = Mutex(State(offsets: offsets)) }

  /// How far each consumer is.
  var offsets: [String: Int64] { state.withLock { $0.offsets } }

  /// The least of all offsets; nil where nobody is registered.
  var least: Int64? { state.withLock { $0.offsets.values.min() } }

  /// Notes how far a consumer is; going back, as for a rebuild, is allowed.
  ///
  /// - Returns: whether the consumer is new.
  func note(_ consumer: String, _ offset: Int64) -> Bool {
    state.withLock { state in
      state.unsaved.insert(consumer)
      return state.offsets.updateValue(offset, forKey: consumer) == nil
    }
  }

  /// Whether the consumer is there.
  func knows(_ consumer: String) -> Bool { state.withLock { $0.offsets[consumer] != nil } }

  /// Takes a consumer off.
  func forget(_ consumer: String) {
    state.withLock { state in
      state.unsaved.remove(consumer)
      state.offsets[consumer] = nil
    }
  }

  /// The offsets that are not on disk yet; they count as saved from here on.
  func takeUnsaved() -> [String: Int64] {
    state.withLock { state in
      defer { state.unsaved = [] }
      return state.offsets.filter { state.unsaved.contains($0.key) }
    }
  }

  /// Takes back that offsets count as saved.
  func noteUnsaved(_ consumers: some Sequence<String>) { state.withLock { $0.unsaved.formUnion(consumers) } }

  /// All consumers with their lag behind the head, by name.
  func positions(head: Int64) -> ConsumerPositions {
    let consumers = offsets.sorted { $0.key < $1.key }.map { name, offset in
      ConsumerPosition(consumer: name, offset: offset, lag: max(0, head - offset))
    }
    return ConsumerPositions(consumers: consumers, head: head)
  }
}
