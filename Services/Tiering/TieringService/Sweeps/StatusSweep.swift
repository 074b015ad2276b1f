import LaunchModel
import ServiceKit
import Storage

/// Takes launches on whose status changes by time alone, as from live to measuring.
enum StatusSweep {
  static let sweep = Sweep("launch-status", every: .seconds(1)) { environment in
    let now = environment.clock.now()
    let due = try await environment.database.read { try LaunchTable(db: $0).due(until: now) }
    for launch in due {
      try await environment.change { tx in
        guard let row = try LaunchTable(db: tx.db).find(launch) else { return }
        try LaunchStore(tx).progress(row)
      }
    }
  }
}
