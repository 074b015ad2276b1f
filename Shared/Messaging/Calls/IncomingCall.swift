public import LaunchModel

/// A call as a handler gets it: every fault of the protocol has been answered before.
public struct IncomingCall: Sendable {
  /// The JSON-RPC method, as `launch.propose`.
  public var method: String
  /// The parameters, one JSON object without `_meta`, strictly checked.
  public var params: [UInt8]
  /// What the call carried as `_meta`; empty where it carried none.
  public var meta: CallMeta
  /// The frames after the envelope.
  public var parts: [[UInt8]]
  /// Who calls, as the transport says.
  public var principal: Principal
  /// When the caller stops waiting.
  public var deadline: ContinuousClock.Instant
  /// Whether the caller waits for an answer at all; a JSON-RPC notification has none.
  public var expectsReply: Bool

  public init(
    method: String, params: [UInt8] = Array("{}".utf8), meta: CallMeta = CallMeta(), parts: [[UInt8]] = [],
    principal: Principal, deadline: ContinuousClock.Instant, expectsReply: Bool = true
  ) {
    self.method = method
    self.params = params
    self.meta = meta
    self.parts = parts
    self.principal = principal
    self.deadline = deadline
    self.expectsReply = expectsReply
  }
}
