import JSON
public import LaunchModel

extension LaunchChecklist {
  /// Why the launch does not run: it was given up, or put off without a new date; nil while it runs.
  public var stop: ReadinessReason? {
    switch record.status {
    case .cancelled: ReadinessReason(code: "launch-cancelled", detail: "the launch is cancelled")
    case .postponed:
      ReadinessReason(code: "launch-postponed", detail: "the launch is postponed, and has no new date yet")
    case .proposed, .preparing, .decided, .live, .hypercare, .measuring, .inReview, .rolledBack, .closed: nil
    }
  }

  /// Whether it is neither cancelled nor postponed.
  public var isRunning: Bool { stop == nil }

  /// Throws a conflict where the launch was given up: it is not worked on, decided or shipped any more.
  public func requireNotCancelled() throws(Problem) {
    guard record.status == .cancelled else { return }
    throw stopped("\(launch) is cancelled: nothing is decided, answered, done or shipped for it any more")
  }

  /// Throws a conflict where the launch has no date on which a GO could open the gate.
  public func requireRunning() throws(Problem) {
    try requireNotCancelled()
    guard record.status == .postponed else { return }
    throw stopped("\(launch) is postponed: reschedule it, for there is no GO before it has a new date")
  }

  private func stopped(_ detail: String) -> Problem {
    let status = record.status.rawValue
    return .conflict(
      "launch-\(status)", title: "the launch is \(status)", detail, extra: ["status": .string(status)])
  }
}
