/// The sizes that a message may have (contract.md, section 2).
///
/// What is beyond a limit is answered with an error; a frame beyond `disconnectFrame` makes libzmq drop the connection.
public struct MessageLimits: Sendable, Hashable {
  /// Bytes of an envelope.
  public var envelope: Int
  /// Bytes of a message, all frames together.
  public var message: Int
  /// Frames of a message, the delimiter and the envelope included.
  public var frames: Int

  /// Bytes of a frame at which the connection is cut: four times the largest frame allowed.
  public var disconnectFrame: Int { 4 * envelope }

  /// 1 MiB an envelope, 4 MiB and 1,026 frames a message.
  public static let standard = MessageLimits()

  public init(envelope: Int = 1 << 20, message: Int = 4 << 20, frames: Int = 1_026) {
    self.envelope = envelope
    self.message = message
    self.frames = frames
  }
}
