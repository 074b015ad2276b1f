import Synchronization

extension Reactor {
  /// How long the probe may take.
  private static let probeTime = Duration.seconds(10)

  /// Connects to an endpoint that this process listens on with a key that nobody knows, which must be refused.
  ///
  /// - Throws: `unguarded` where it is not.
  func turnAway(from endpoint: Endpoint, _ identity: CurveIdentity) async throws(ZeroMQError) {
    let stranger = try CurveKeyPair.generate()
    mailbox.post(.perform { $0.expectRefusal(of: stranger.publicKey) })
    let outcome = await outcome(of: endpoint.reachedLocally(identity.own.publicKey), as: stranger)
    mailbox.post(.perform { $0.expectRefusal(of: nil) })
    switch outcome {
    case .refused: return
    case .admitted:
      throw ZeroMQError(.unguarded, "\(endpoint) lets a key in that nobody knows; it is not served")
    case .unknown(let detail):
      throw ZeroMQError(
        .unguarded, "\(endpoint) is not served, for it could not be tried with an unknown key: \(detail)")
    }
  }

  private enum Outcome {
    case refused, admitted, unknown(String)
  }

  private func outcome(of endpoint: Endpoint, as stranger: CurveKeyPair) async -> Outcome {
    let (changes, sink) = AsyncStream.makeStream(of: ConnectionChange.self)
    let socket = connect(endpoint, as: stranger, messages: { _ in }, change: { sink.yield($0) })
    schedule(at: .now + Self.probeTime) { sink.finish() }
    defer { socket?.close() }
    var last = "no answer within \(Self.probeTime)"
    for await change in changes {
      switch change {
      case .failed(let failure) where failure.reason == .permissionDenied: return .refused
      case .failed(let failure): last = failure.detail
      case .connected: return .admitted
      case .disconnected, .closed: break
      }
    }
    return .unknown(last)
  }
}

extension Endpoint {
  /// The endpoint as a client on the same host reaches it.
  fileprivate func reachedLocally(_ serverKey: CurveKey) -> Endpoint {
    guard case .tcp(let host, let port) = place else { return self }
    let local = ["*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"][host] ?? host
    var endpoint = Endpoint(place: .tcp(host: local, port: port))
    endpoint.serverKey = serverKey
    return endpoint
  }
}
