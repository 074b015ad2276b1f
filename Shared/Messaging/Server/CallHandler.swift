public import LaunchModel

/// What a server asks for the answer to each call.
public protocol CallHandler: Sendable {
  /// Answers one call; may take long, other calls go on meanwhile. The task is cancelled when the server stops.
  ///
  /// - Throws: `Problem`, which the caller gets as it is. Any other error is answered as an internal error and logged.
  func handle(_ call: IncomingCall) async throws -> CallReply
}

/// What a server gives calls of some methods to as they come, many at once, without a task for each.
///
/// For services with a writer of their own, as the bus. The calls are in the order of arrival.
public protocol CallBatchHandler: Sendable {
  /// The methods that come here instead of to the `CallHandler`.
  var methods: Set<String> { get }

  /// Takes calls over. Called on the reactor's thread: it must only put them into a queue, and return.
  ///
  /// Each must be answered once, with `PendingCall.answer`, from any thread, before or after this returns.
  func receive(_ calls: [PendingCall])
}

/// How a call ended.
public typealias CallOutcome = Result<CallReply, Problem>
