import CZeroMQ

/// What a socket does with what happens to it. Called on the reactor's thread: each must return at once.
struct SocketEvents: Sendable {
  var messages: @Sendable ([InboundMessage]) -> Void
  var change: @Sendable (ConnectionChange) -> Void
}

/// A socket as the reactor's thread keeps it.
protocol ReactorSocket: AnyObject {
  var raw: RawSocket { get }
  /// What to poll for: `ZMQ_POLLIN`, `ZMQ_POLLOUT`, both or neither.
  var interest: Int32 { get }
  /// When to be called even if nothing happens.
  var retryAt: ContinuousClock.Instant? { get }
  /// A second socket to poll for reading.
  var monitor: RawSocket? { get }

  func readable(_ buffer: ReceiveBuffer)
  func writable()
  func monitorReadable(_ buffer: ReceiveBuffer)
  func retry(at now: ContinuousClock.Instant)
  func close()
  /// Tells its user that the reactor is being shut down.
  func announceClosing()
}

/// How many messages are read from a socket before others get their turn.
let readBatch = 256

extension ReactorSocket {
  /// Reads what is there, up to a batch of messages.
  func receive(_ buffer: ReceiveBuffer, limits: SocketLimits, fromPeers: Bool) -> [InboundMessage] {
    var messages: [InboundMessage] = []
    while messages.count < readBatch, buffer.receive(from: raw) {
      var peer: PeerID?
      if fromPeers {
        peer = PeerID(routingID: buffer.bytes())
        guard buffer.hasMore, buffer.receive(from: raw) else { continue }
      }
      messages.append(receiveRest(buffer, limits: limits, peer: peer))
    }
    return messages
  }

  /// Reads the message whose first frame is in the buffer to its end.
  private func receiveRest(_ buffer: ReceiveBuffer, limits: SocketLimits, peer: PeerID?) -> InboundMessage {
    var message = InboundMessage(
      peer: peer, sender: peer == nil ? nil : buffer.sender(), frames: [], byteCount: 0, frameCount: 0)
    while true {
      message.frameCount += 1
      message.byteCount += buffer.count
      if message.frameCount <= limits.frames, message.byteCount <= limits.bytes {
        message.frames.append(buffer.bytes())
      }
      guard buffer.hasMore, buffer.receive(from: raw) else { return message }
    }
  }
}
