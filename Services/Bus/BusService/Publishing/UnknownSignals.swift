import BusCore
import Contract
import LaunchModel
import Synchronization

/// Recognizes types below the signals' prefix that no service reads, such as a misspelt one. One check serves one thread.
struct UnknownSignalCheck {
  private static let prefix = Array(EventNamespace.signals.utf8)
  private static let known = Set(SignalType.allCases.map { Array($0.rawValue.utf8) })

  /// The last type that was found among the known ones. Publishers repeat the same type, so comparing its bytes usually
  /// replaces the lookup.
  private var lastKnown: [UInt8] = []

  /// Whether the event looks like a signal but is none.
  mutating func isUnknown(_ event: ScannedEvent) -> Bool {
    event.withBytes(of: event.type) { type in
      guard type.starts(with: Self.prefix) else { return false }
      if lastKnown.withUnsafeBytes({ $0.count == type.count && $0.elementsEqual(type) }) { return false }
      let bytes = Array(type)
      guard Self.known.contains(bytes) else { return true }
      lastKnown = bytes
      return false
    }
  }

  /// The warning in the result of such an event.
  static func warning(about event: ScannedEvent) -> EventWarning {
    let type = UnknownSignals.shortened(event.string(event.type))
    let hint = Suggestion.text(for: type, among: SignalType.allCases.map(\.rawValue))
    return EventWarning(
      code: "unknown-signal",
      detail: "no service reads the type \"\(type)\"\(hint); the event is stored, but counts only in custom metrics "
        + "that name its type")
  }
}

/// Counts the stored events of unknown signal types since the bus started, for `gonogo doctor`.
final class UnknownSignals: Sendable {
  /// The number of types that are counted one by one; events of further types are not counted.
  private static let maximumTypes = 32

  private let counts = Mutex<[String: UnknownSignal]>([:])

  /// The counts, by ascending type.
  var all: [UnknownSignal] { counts.withLock { $0.values.sorted { $0.type < $1.type } } }

  func record(_ event: ScannedEvent, at offset: Int64) {
    let type = Self.shortened(event.string(event.type))
    counts.withLock { counts in
      guard counts[type] != nil || counts.count < Self.maximumTypes else { return }
      counts[type] = UnknownSignal(type: type, count: (counts[type]?.count ?? 0) + 1, lastOffset: offset)
    }
  }

  static func shortened(_ type: String) -> String { type.utf8.count <= 200 ? type : String(type.prefix(100)) + "…" }
}
