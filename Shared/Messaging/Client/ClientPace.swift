/// How long a client waits for a peer before it assumes that the peer is gone.
struct ClientPace: Sendable, Hashable {
  /// The time limit of a handshake, after which the next endpoint is tried; doubled after each round of all endpoints.
  var handshake = Duration.milliseconds(500)
  /// How long a peer that owes an answer may be silent before it is pinged.
  var quiet = Duration.milliseconds(400)
  /// How long a peer that owes no answer may be silent before it is pinged. It is pinged only if there is another
  /// endpoint, so that the next call does not have to discover that the peer hangs: if a whole host stops, a call that
  /// passes through several services would wait once for each of them.
  var idle = Duration.seconds(1)
  /// How long a peer may take to answer a ping.
  var ping = Duration.seconds(1)
  /// How long an endpoint that did not answer is avoided.
  var avoidance = Duration.seconds(30)
  /// How long an endpoint whose service cannot use its store is avoided.
  var storeAvoidance = Duration.seconds(5)
}

/// When a peer was last heard, and when it was pinged.
struct PeerPulse {
  var heardAt: ContinuousClock.Instant
  /// When the peer was pinged; nil if it has been heard since.
  var askedAt: ContinuousClock.Instant?

  /// Returns the time of the next step; nil if nothing more can be done about the peer's silence.
  ///
  /// - Parameters:
  ///   - owes: whether the peer has calls to answer.
  ///   - leaves: whether there is another endpoint to go to.
  func next(_ pace: ClientPace, owes: Bool, leaves: Bool) -> ContinuousClock.Instant? {
    if let askedAt { return leaves ? askedAt + pace.ping : nil }
    if owes { return heardAt + pace.quiet }
    return leaves ? heardAt + pace.idle : nil
  }
}
