import ZeroMQ

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

extension MessageLimits {
  /// Which limit the message breaks, in words.
  func breach(by message: InboundMessage) -> String? {
    breach(
      frames: message.frameCount, bytes: message.byteCount,
      envelope: message.frames.count > 1 ? message.frames[1].count : 0)
  }

  /// Which limit the answer breaks, in words; 1 KiB of the envelope is left for what is around the result.
  func breach(by reply: CallReply) -> String? {
    breach(
      frames: reply.parts.count + 2, bytes: reply.parts.reduce(reply.result.count) { $0 + $1.count },
      envelope: reply.result.count + 1_024)
  }

  func breach(frames: Int, bytes: Int, envelope: Int) -> String? {
    if frames > self.frames { return "the message has \(frames) frames, and \(self.frames) are allowed" }
    if envelope > self.envelope { return "the envelope has \(envelope) bytes, and \(self.envelope) are allowed" }
    if bytes > message { return "the message has \(bytes) bytes, and \(message) are allowed" }
    return nil
  }

  /// What the socket is to keep.
  var socketLimits: SocketLimits { SocketLimits(disconnectFrame: disconnectFrame, frames: frames, bytes: message) }
}
