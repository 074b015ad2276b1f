import Contract
import LaunchModel
import Synchronization

/// Which consumers there are and how far each is, in memory; the ledger has it on disk, a little behind.
final class CommittedOffsets: Sendable {
  private struct State {
    var offsets: [String: Int64]
    var unsaved: Set<String> = []
  }

  private let state: Mutex<State>

  init(offsets: [String: Int64]) { state = Mutex(State(offsets: offsets)) }

  /// How far each consumer is.
  var offsets: [String: Int64] { state.withLock { $0.offsets } }

  /// Notes how far a consumer is; going back, as for a rebuild, is allowed.
  ///
  /// - Returns: whether that must be on disk at once, so that pruning knows of it whatever happens: the consumer is new, or has
  ///   gone back.
  func note(_ consumer: String, _ offset: Int64) -> Bool {
    state.withLock { state in
      state.unsaved.insert(consumer)
      guard let before = state.offsets.updateValue(offset, forKey: consumer) else { return true }
      return offset < before
    }
  }

  /// Takes over what is on disk, as other buses have written it, but for what is not there yet.
  func takeOver(_ stored: [String: Int64]) {
    state.withLock { state in
      let unsaved = state.offsets.filter { state.unsaved.contains($0.key) }
      state.offsets = stored.merging(unsaved) { _, unsaved in unsaved }
    }
  }

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
}

extension ConsumerPositions {
  /// Consumers with their lag behind the head, by name.
  init(_ offsets: [String: Int64], head: Int64) {
    let consumers = offsets.sorted { $0.key < $1.key }.map { name, offset in
      ConsumerPosition(consumer: name, offset: offset, lag: max(0, head - offset))
    }
    self.init(consumers: consumers, head: head)
  }
}
