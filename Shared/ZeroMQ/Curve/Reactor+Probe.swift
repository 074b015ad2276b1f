import Synchronization

extension Reactor {
  private static let probeTimeout = Duration.seconds(10)

  /// Checks that an endpoint on which this process listens rejects unknown keys, by connecting to it with a new one.
  ///
  /// - Throws: `unguarded` if the key is admitted, or if the check gets no result within 10 seconds.
  func verifyRejectsUnknownKeys(_ endpoint: Endpoint, _ identity: CurveIdentity) async throws(ZeroMQError) {
    let unknownPair = try CurveKeyPair.generate()
    mailbox.post(.perform { $0.setProbeKey(unknownPair.publicKey) })
    let outcome = await probe(endpoint.reachedLocally(identity.own.publicKey), as: unknownPair)
    mailbox.post(.perform { $0.setProbeKey(nil) })
    switch outcome {
    case .rejected: return
    case .admitted:
      throw ZeroMQError(.unguarded, "\(endpoint) admits unknown keys, so it is not served")
    case .unknown(let detail):
      throw ZeroMQError(
        .unguarded, "\(endpoint) is not served: cannot verify that it rejects unknown keys: \(detail)")
    }
  }

  private enum ProbeOutcome {
    case rejected, admitted, unknown(String)
  }

  private func probe(_ endpoint: Endpoint, as pair: CurveKeyPair) async -> ProbeOutcome {
    let (changes, sink) = AsyncStream.makeStream(of: ConnectionChange.self)
    let socket = connect(endpoint, as: pair, messages: { _ in }, change: { sink.yield($0) })
    schedule(at: .now + Self.probeTimeout) { sink.finish() }
    defer { socket?.close() }
    var last = "no answer within \(Self.probeTimeout)"
    for await change in changes {
      switch change {
      case .failed(let failure) where failure.reason == .permissionDenied: return .rejected
      case .failed(let failure): last = failure.detail
      case .connected: return .admitted
      case .disconnected, .closed: break
      }
    }
    return .unknown(last)
  }
}

extension Endpoint {
  /// Returns the endpoint to which a client on the same host connects.
  fileprivate func reachedLocally(_ serverKey: CurveKey) -> Endpoint {
    guard case .tcp(let host, let port) = place else { return self }
    let local = ["*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"][host] ?? host
    var endpoint = Endpoint(place: .tcp(host: local, port: port))
    endpoint.serverKey = serverKey
    return endpoint
  }
}
