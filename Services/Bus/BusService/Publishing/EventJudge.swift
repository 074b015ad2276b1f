import BusCore
import LaunchModel
import Messaging

/// Decides of each event whether it may be stored: its bytes, and who sends it. One judge serves one thread.
struct EventJudge: ~Copyable {
  private var scanner: EventScanner
  private var rights: PublishRights
  private let own: Set<Principal>
  private let roster: CurrentRoster
  /// The roster's, by `CurrentRoster.versioned`.
  private var version = 0

  /// - Parameter own: the principals this process runs as.
  init(maximumBytes: Int, roster: CurrentRoster, own: Set<Principal>) {
    scanner = EventScanner(maximumBytes: maximumBytes)
    rights = PublishRights(roster: nil, own: own)
    self.roster = roster
    self.own = own
  }

  /// Takes up the roster in force, where it is another than before.
  mutating func refresh() {
    let (current, version) = roster.versioned
    guard version != self.version else { return }
    rights = PublishRights(roster: current, own: own)
    self.version = version
  }

  /// The event, or why it is refused.
  mutating func judge(_ bytes: [UInt8], from principal: Principal) throws(EventRejection) -> ScannedEvent {
    let event = try scanner.scan(bytes)
    if let refusal = rights.refusal(event, by: principal) { throw refusal }
    return event
  }

  /// The call with each of its events judged.
  mutating func judge(_ call: PendingCall) -> JudgedCall {
    var judged = JudgedCall(call: call, roster: version)
    for (part, bytes) in call.call.parts.enumerated() {
      do throws(EventRejection) {
        judged.accept(try judge(bytes, from: call.call.principal))
      } catch {
        judged.refuse(part, error)
      }
    }
    return judged
  }
}
