import Contract
import LaunchModel
import Synchronization

/// Keeps its own list, outside the system, of everything that was acknowledged.
final class Ledger: Sendable {
  /// One event: an account uses a feature.
  struct Use: Sendable {
    var id: String
    var account: String
    var feature: String
    var bytes: [UInt8]
  }

  /// What the system has to show in the end.
  struct Entries: Sendable {
    /// Accounts that used the feature that is measured, and accounts that did anything.
    var adopted: Set<String> = []
    var active: Set<String> = []
    /// Events of the feature that is measured.
    var uses = 0
    /// Launches whose proposal was answered.
    var launches: [LaunchID] = []
    /// The item that each launch's comment was acknowledged for.
    var comments: [LaunchID: ItemTarget] = [:]
    /// What went wrong, in words.
    var faults: [String] = []
  }

  private let state = Mutex(Entries())

  var entries: Entries { state.withLock { $0 } }

  /// Notes the bus's answer for events that were sent together.
  func acknowledge(_ uses: [Use], _ results: [PublishResult]) {
    state.withLock { entries in
      for (use, result) in zip(uses, results) {
        guard result.status != .rejected else {
          entries.faults.append("event \(use.id) was answered \(result)")
          continue
        }
        entries.active.insert(use.account)
        guard use.feature == Trial.feature else { continue }
        entries.adopted.insert(use.account)
        entries.uses += 1
      }
    }
  }

  /// Notes the bus's answer for acknowledged events that were sent once more: it may only say where they are.
  func acknowledgeAgain(_ uses: [Use], _ first: [PublishResult], _ again: [PublishResult]) {
    guard again != first.map({ PublishResult(.duplicate, offset: $0.offset) }) else { return }
    state.withLock { $0.faults.append("events from \(uses.first?.id ?? "") on were not known when they came again") }
  }

  func acknowledge(_ launch: LaunchID) { state.withLock { $0.launches.append(launch) } }

  func acknowledge(commentOn item: ItemTarget) { state.withLock { $0.comments[item.launch] = item } }
}
