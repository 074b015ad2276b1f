import Contract
import Synchronization

/// The known damage of the log, which is part of the bus's statistics.
final class DamageRegister: Sendable {
  private let known = Mutex<[LogDamage]>([])

  /// All known damage, by ascending offset; empty if none is known.
  var all: [LogDamage] { known.withLock { $0 }.sorted { $0.first < $1.first } }

  /// Replaces the known damage.
  ///
  /// - Returns: the damage that was not known before.
  func replace(_ damage: [LogDamage]) -> [LogDamage] {
    known.withLock { known in
      defer { known = damage }
      return damage.filter { !known.contains($0) }
    }
  }
}
