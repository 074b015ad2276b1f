import Contract
import LaunchModel
import Synchronization

/// The committed offset of every registered consumer, in memory. They are saved to the metadata store on disk with a
/// short delay.
final class CommittedOffsets: Sendable {
  private struct State {
    var offsets: [String: Int64]
    var unsaved: Set<String> = []
  }

  private let state: Mutex<State>

  init(offsets: [String: Int64]) { state = Mutex(State(offsets: offsets)) }

  /// The committed offset of each consumer, by consumer name.
  var all: [String: Int64] { state.withLock { $0.offsets } }

  /// Records a consumer's offset. It may be lower than before, because a consumer that rebuilds its state starts over.
  ///
  /// - Returns: whether the offset must be saved to disk at once, because the consumer is new or its offset went back:
  ///   pruning must respect it even after a crash.
  func record(_ consumer: String, _ offset: Int64) -> Bool {
    state.withLock { state in
      state.unsaved.insert(consumer)
      guard let previous = state.offsets.updateValue(offset, forKey: consumer) else { return true }
      return offset < previous
    }
  }

  /// Replaces the offsets with those on disk, which other buses may have written. Offsets that are not saved yet are
  /// kept.
  func merge(stored: [String: Int64]) {
    state.withLock { state in
      let unsaved = state.offsets.filter { state.unsaved.contains($0.key) }
      state.offsets = stored.merging(unsaved) { _, unsaved in unsaved }
    }
  }

  /// Removes a consumer.
  func remove(_ consumer: String) {
    state.withLock { state in
      state.unsaved.remove(consumer)
      state.offsets[consumer] = nil
    }
  }

  /// Returns the offsets that are not saved yet and marks them as saved.
  func takeUnsaved() -> [String: Int64] {
    state.withLock { state in
      defer { state.unsaved = [] }
      return state.offsets.filter { state.unsaved.contains($0.key) }
    }
  }

  /// Marks the offsets of these consumers as not saved, after a failed save.
  func markUnsaved(_ consumers: some Sequence<String>) { state.withLock { $0.unsaved.formUnion(consumers) } }
}

extension ConsumerPositions {
  /// Lists the consumers, sorted by name, with their lag behind the head.
  init(_ offsets: [String: Int64], head: Int64) {
    let consumers = offsets.sorted { $0.key < $1.key }.map { name, offset in
      ConsumerPosition(consumer: name, offset: offset, lag: max(0, head - offset))
    }
    self.init(consumers: consumers, head: head)
  }
}
