import Contract
import LaunchModel
import Synchronization

/// Records every acknowledged change outside the system.
final class AcknowledgedChanges: Sendable {
  /// An event: an account uses a feature.
  struct Use: Sendable {
    var id: String
    var account: String
    var feature: String
    var bytes: [UInt8]
  }

  /// The state that the system must show in the end.
  struct Entries: Sendable {
    /// Accounts that used the measured feature, and accounts with any activity.
    var adopted: Set<String> = []
    var active: Set<String> = []
    /// The number of events of the measured feature.
    var uses = 0
    /// Launches whose proposal was acknowledged.
    var launches: [LaunchID] = []
    /// The item of each launch whose comment was acknowledged.
    var comments: [LaunchID: ItemTarget] = [:]
    /// Unexpected results, as text.
    var differences: [String] = []
  }

  private let state = Mutex(Entries())

  var entries: Entries { state.withLock { $0 } }

  /// Records the bus's results for events that were sent together.
  func acknowledge(_ uses: [Use], _ results: [PublishResult]) {
    state.withLock { entries in
      for (use, result) in zip(uses, results) {
        guard result.status != .rejected else {
          entries.differences.append("event \(use.id) got the result \(result)")
          continue
        }
        entries.active.insert(use.account)
        guard use.feature == Trial.feature else { continue }
        entries.adopted.insert(use.account)
        entries.uses += 1
      }
    }
  }

  /// Records the bus's results for acknowledged events that were sent again: only duplicates are allowed.
  func acknowledgeAgain(_ uses: [Use], _ first: [PublishResult], _ again: [PublishResult]) {
    guard again != first.map({ PublishResult(.duplicate, offset: $0.offset) }) else { return }
    state.withLock { $0.differences.append("events from \(uses.first?.id ?? "") on were not recognized as duplicates") }
  }

  func acknowledge(_ launch: LaunchID) { state.withLock { $0.launches.append(launch) } }

  func acknowledge(commentOn item: ItemTarget) { state.withLock { $0.comments[item.launch] = item } }
}
