/// How long a client waits for a peer that may not be alive.
struct ClientPace: Sendable, Hashable {
  /// How long a handshake may take before the next endpoint is tried; doubled after each round of all endpoints.
  var handshake = Duration.milliseconds(500)
  /// How long a peer that owes an answer may be silent before it is asked whether it is alive.
  var quiet = Duration.milliseconds(400)
  /// How long a peer may take to answer that.
  var ping = Duration.seconds(1)
  /// How long an endpoint is avoided that did not answer.
  var avoidance = Duration.seconds(30)
  /// How long an endpoint is avoided whose service cannot use its store.
  var storeAvoidance = Duration.seconds(5)
}

/// When a peer was last heard, and asked whether it is alive.
struct PeerPulse {
  var heardAt: ContinuousClock.Instant
  /// When it was asked; nil if it has been heard since.
  var askedAt: ContinuousClock.Instant?

  /// When there is something to do; nil if nothing more can be done about its silence.
  func next(_ pace: ClientPace, leaves: Bool) -> ContinuousClock.Instant? {
    guard let askedAt else { return heardAt + pace.quiet }
    return leaves ? askedAt + pace.ping : nil
  }
}
