import Contract
import Synchronization

/// The damage that is known in the log, which is part of the bus's statistics.
final class DamageRegister: Sendable {
  private let known = Mutex<[LogDamage]>([])

  /// All that is known, by ascending offset; empty if the log is intact as far as is known.
  var all: [LogDamage] { known.withLock { $0 }.sorted { $0.first < $1.first } }

  /// Replaces what is known.
  ///
  /// - Returns: what was not known before.
  func replace(_ damage: [LogDamage]) -> [LogDamage] {
    known.withLock { known in
      defer { known = damage }
      return damage.filter { !known.contains($0) }
    }
  }
}
