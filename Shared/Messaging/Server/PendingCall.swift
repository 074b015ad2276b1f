import LaunchModel
import Synchronization
import ZeroMQ

/// A call that has been taken up and is owed an answer.
///
/// One that is let go without an answer is answered as an internal error, so that nobody waits for nothing.
public final class PendingCall: Sendable {
  /// What is asked, by whom, and until when.
  public let call: IncomingCall

  let id: [UInt8]?
  let peer: PeerID?
  let byteCount: Int
  private let desk: ServerDesk
  private let isAnswered = Atomic<Bool>(false)

  init(call: IncomingCall, id: [UInt8]?, peer: PeerID?, byteCount: Int, desk: ServerDesk) {
    self.call = call
    self.id = id
    self.peer = peer
    self.byteCount = byteCount
    self.desk = desk
  }

  deinit {
    guard !isAnswered.load(ordering: .acquiring) else { return }
    desk.finish([(id, peer, byteCount, .failure(.internalError("the call was dropped without an answer")))])
  }

  /// Answers the call, from any thread. A second answer is dropped.
  public func answer(_ outcome: CallOutcome) { Self.answer([(self, outcome)]) }

  /// Answers many calls of one server, with one wake-up of its reactor, from any thread.
  public static func answer(_ answers: [(call: PendingCall, outcome: CallOutcome)]) {
    guard let desk = answers.first?.call.desk else { return }
    var finished: [ServerDesk.Answer] = []
    finished.reserveCapacity(answers.count)
    for (call, outcome) in answers where !call.isAnswered.exchange(true, ordering: .acquiringAndReleasing) {
      finished.append((call.id, call.peer, call.byteCount, outcome))
    }
    desk.finish(finished)
  }
}
