import Contract
import JSON
import LaunchModel
import ZeroMQ

/// Judges a message that came in: a call, or what to answer instead.
struct RequestReader {
  enum Reading {
    /// A call; without id it is a notification.
    case call(IncomingCall, id: [UInt8]?)
    case refusal(Problem, id: [UInt8])
  }

  let limits: MessageLimits
  let defaultTTL: Duration

  func read(_ message: InboundMessage, at now: ContinuousClock.Instant) -> Reading {
    guard message.frames.first?.isEmpty == true, message.frameCount >= 2 else {
      return .refusal(
        Problem(
          .invalidRequest, code: "invalid-framing", title: "the frames are not those of a call",
          detail: "a message is an empty frame, a JSON-RPC envelope and the parts"), id: RequestEnvelope.null)
    }
    guard message.frames.count > 1 else {
      return .refusal(.tooLarge(limits.breach(by: message) ?? ""), id: RequestEnvelope.null)
    }
    do throws(RequestEnvelope.Fault) {
      let envelope = try RequestEnvelope(parsing: message.frames[1])
      if let breach = limits.breach(by: message) {
        return .refusal(.tooLarge(breach), id: envelope.id ?? RequestEnvelope.null)
      }
      return .call(call(envelope, message, now), id: envelope.id)
    } catch {
      guard let breach = limits.breach(by: message) else { return .refusal(error.problem, id: error.id) }
      return .refusal(.tooLarge(breach), id: error.id)
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
  /// Whom the transport has proved the sender to be.
  init(_ sender: MessageSender) {
    switch sender {
    case .process(let credentials): self = .uid(credentials.uid)
    case .key(let key): self = .key(key.text)
    }
  }
}
