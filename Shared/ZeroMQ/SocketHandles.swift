/// A bound socket, for use from any thread.
public final class ServerSocket: Sendable {
  private let id: SocketID
  private let mailbox: Mailbox

  init(id: SocketID, mailbox: Mailbox) {
    self.id = id
    self.mailbox = mailbox
  }

  deinit {
    let id = id
    mailbox.post(.perform { $0.close(id) })
  }

  /// Sends messages, each whole, in order for each peer; one wake-up for all.
  ///
  /// A message is dropped when its peer is gone, or asks on and on without reading.
  public func send(_ messages: [OutboundMessage]) { mailbox.post(.send(id, messages, bytes: 0)) }

  /// Stops or resumes reading; what comes meanwhile waits with its senders.
  public func setReading(_ isReading: Bool) {
    let id = id
    mailbox.post(.perform { ($0.socket(id) as? RouterSocket)?.isPaused = !isReading })
  }

  /// Waits until everything asked of the socket so far has been done.
  func settle() async { await perform { _ in } }

  /// Removes the socket files, so that nobody else connects; peers that are connected can still ask and be answered.
  public func hide() async {
    let id = id
    await perform { ($0.socket(id) as? RouterSocket)?.hide() }
  }

  /// Closes the socket once everything sent before has been handed to libzmq, which has a second to deliver it.
  public func close() async {
    let id = id
    await perform { $0.close(id) }
  }

  private func perform(_ action: @escaping @Sendable (ReactorLoop) -> Void) async {
    await withCheckedContinuation { continuation in
      let isPosted = mailbox.post(
        .perform { loop in
          action(loop)
          continuation.resume()
        })
      if !isPosted { continuation.resume() }
    }
  }
}

/// A connecting socket, for use from any thread.
public final class ClientSocket: Sendable {
  private let id: SocketID
  private let mailbox: Mailbox
  private let queued: QueuedBytes

  init(id: SocketID, mailbox: Mailbox, queuedBytes: QueuedBytes) {
    self.id = id
    self.mailbox = mailbox
    queued = queuedBytes
  }

  deinit { close() }

  /// Bytes handed over that libzmq has not taken, because the peer does not read or is not there.
  public var queuedBytes: Int { queued.value }

  /// Sends a message, whole. What waits when the connection is lost is dropped.
  public func send(_ frames: [[UInt8]]) {
    let bytes = frames.reduce(0) { $0 + $1.count }
    queued.add(bytes)
    mailbox.post(.sendToPeer(id, frames: frames, bytes: bytes))
  }

  /// Closes the socket at once.
  public func close() {
    let id = id
    mailbox.post(.perform { $0.close(id) })
  }
}
