import LaunchModel

/// A call that a `CallBatchHandler` has taken over and owes an answer.
public struct PendingCall: Sendable {
  public let call: IncomingCall

  /// Answers the call. Once only; from any thread.
  public func answer(_ outcome: CallOutcome) {}

  /// Answers many calls, with one wake-up of the reactor. Each once only; from any thread.
  public static func answer(_ answers: [(call: PendingCall, outcome: CallOutcome)]) {}
}
