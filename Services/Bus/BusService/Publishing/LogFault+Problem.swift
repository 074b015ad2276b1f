import BusCore
import LaunchModel

extension LogFault {
  /// As callers are told.
  var problem: Problem {
    switch self {
    case .diskFull:
      .unavailable(
        "disk-full", title: "the bus's disk is full", "nothing was stored; make room and send it again",
        retryAfterMs: 1_000)
    case .unavailable:
      .unavailable(
        "store-unavailable", title: "The bus's database cannot be reached",
        "the bus's log says why; what was sent may be stored or not, and is stored once when it is sent again",
        retryAfterMs: 500)
    case .rosterChanged:
      .unavailable(
        "roster-changed", title: "the roster is being changed",
        "nothing was stored; send it again, and it is judged by the new one", retryAfterMs: 100)
    case .corrupt(let offset):
      Problem(
        .unavailable, code: "corrupt-event", title: "an event is damaged on disk",
        detail: "the event at offset \(offset) is not what was stored: its checksum does not fit; restore a backup")
    case .failed:
      .unavailable(
        "log-failed", title: "the bus's log has failed",
        "the bus restarts; whether the events were stored shows when they are sent again", retryAfterMs: 1_000)
    }
  }
}
