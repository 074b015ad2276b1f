/// The answer to a call that succeeded.
public struct CallReply: Sendable, Hashable {
  /// The `result`, one JSON value.
  public var result: [UInt8]
  /// The frames after the envelope.
  public var parts: [[UInt8]]

  public init(result: [UInt8], parts: [[UInt8]] = []) {
    self.result = result
    self.parts = parts
  }
}
