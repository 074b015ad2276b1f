import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage

/// Makes many changes of launches in one transaction, loading each launch only once.
///
/// Every change stores its items, histories and announcements at once, so that histories, audit links and announcements
/// are the same as if the changes were made one by one. What depends only on the final state is stored after the first
/// change and in `finish`. A batch is valid only while nothing else changes launches or calendars in the transaction.
struct LaunchBatch {
  private struct Held {
    var state: LaunchState
    var moment: LaunchMoment?
    /// Whether `saveRest` has to be called for the launch.
    var isPending = false
  }

  /// The maximum number of launches in memory at once.
  private static let capacity = 32

  private let change: LaunchChange
  private var held: [LaunchID: Held] = [:]
  private var calendars: CalendarSet?

  init(_ change: LaunchChange) { self.change = change }

  /// Whether a launch is in memory, so that `state` does not read the store.
  func holds(_ launch: LaunchID) -> Bool { held[launch] != nil }

  /// Returns the launch after the changes so far; nil if it is not stored.
  mutating func state(of launch: LaunchID) throws -> LaunchState? {
    if let known = held[launch] { return known.state }
    if held.count >= Self.capacity { try finish() }
    guard let state = try LaunchRepository(db: change.tx.db).load(launch) else { return nil }
    held[launch] = Held(state: state)
    return state
  }

  /// Changes a stored launch, like `LaunchChange.perform`.
  mutating func perform(
    _ launch: LaunchID, by: String? = nil, _ body: (inout LaunchState, LaunchMoment) throws -> [ItemEvent]
  ) throws {
    guard let before = try state(of: launch) else { throw Problem.noLaunch(launch, among: []) }
    let (state, moment) = try change.change(before, in: try allCalendars(), by: by, reason: nil, body)
    let isFirst = held[launch]?.moment == nil
    let savesRest = isFirst || LaunchDocument(of: state.checklist) != LaunchDocument(of: before.checklist)
    if savesRest { try change.saveRest(of: state, before: before, at: moment) }
    held[launch] = Held(state: state, moment: moment, isPending: !savesRest)
  }

  /// Stores what depends on the final state of each launch, and drops the launches from memory.
  mutating func finish() throws {
    for (_, launch) in held.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where launch.isPending {
      guard let moment = launch.moment else { continue }
      try change.saveRest(of: launch.state, before: launch.state, at: moment)
    }
    held = [:]
  }

  private mutating func allCalendars() throws -> CalendarSet {
    if let calendars { return calendars }
    let all = try change.context.calendars.all(change.tx.db)
    calendars = all
    return all
  }
}
