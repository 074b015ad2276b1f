import JSON
import LaunchModel
import Messaging
import Synchronization

/// Reads the roster out of the event that announces it.
enum RosterEvent {
  static func roster(in bytes: [UInt8]) throws -> Roster {
    try JSONCoding.decode(RosterAdopted.self, from: try CloudEvent(parsing: bytes).data ?? .null).document
  }
}

/// The roster in force, read by calls and set by the log's thread.
final class CurrentRoster: Sendable {
  private let state = Mutex<(roster: Roster?, version: Int)>((nil, 0))

  /// Nil before one was adopted.
  var roster: Roster? { state.withLock { $0.roster } }

  /// The roster, and a number that grows with each.
  var versioned: (roster: Roster?, version: Int) { state.withLock { $0 } }

  func set(_ roster: Roster) {
    state.withLock { state in
      state.roster = roster
      state.version += 1
    }
  }
}
