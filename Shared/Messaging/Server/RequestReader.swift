import Contract
import JSON
import LaunchModel
import ZeroMQ

/// Turns an incoming message into a call, or into the error to answer it with.
struct RequestReader {
  enum Reading {
    /// A call. Without an id it is a notification.
    case call(IncomingCall, id: [UInt8]?)
    case rejection(Problem, id: [UInt8])
  }

  let limits: MessageLimits
  let defaultTTL: Duration

  func read(_ message: InboundMessage, at now: ContinuousClock.Instant) -> Reading {
    guard message.frames.first?.isEmpty == true, message.frameCount >= 2 else {
      return .rejection(
        Problem(
          .invalidRequest, code: "invalid-framing", title: "invalid message frames",
          detail: "a message must be an empty frame, a JSON-RPC envelope, and any number of parts"),
        id: RequestEnvelope.null)
    }
    guard message.frames.count > 1 else {
      return .rejection(.tooLarge(limits.violation(in: message) ?? ""), id: RequestEnvelope.null)
    }
    do throws(RequestEnvelope.ParseError) {
      let envelope = try RequestEnvelope(parsing: message.frames[1])
      if let violation = limits.violation(in: message) {
        return .rejection(.tooLarge(violation), id: envelope.id ?? RequestEnvelope.null)
      }
      return .call(call(envelope, message, now), id: envelope.id)
    } catch {
      guard let violation = limits.violation(in: message) else { return .rejection(error.problem, id: error.id) }
      return .rejection(.tooLarge(violation), id: error.id)
    }
  }

  private func call(_ envelope: RequestEnvelope, _ message: InboundMessage, _ now: ContinuousClock.Instant)
    -> IncomingCall
  {
    IncomingCall(
      method: envelope.method, params: envelope.params, meta: envelope.meta, parts: Array(message.frames.dropFirst(2)),
      principal: message.sender.map { Principal($0) } ?? Principal("unknown"),
      deadline: now + (envelope.meta.ttlMs.map { .milliseconds($0) } ?? defaultTTL), expectsReply: envelope.id != nil)
  }
}

extension Principal {
  /// The principal that the transport has authenticated the sender as.
  init(_ sender: MessageSender) {
    switch sender {
    case .process(let credentials): self = .uid(credentials.uid)
    case .key(let key): self = .key(key.text)
    }
  }
}
