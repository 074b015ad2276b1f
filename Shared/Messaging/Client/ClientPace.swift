/// How long a client waits for a peer that may not be alive.
struct ClientPace: Sendable, Hashable {
  /// How long a handshake may take before the next endpoint is tried; doubled after each round of all endpoints.
  var handshake = Duration.milliseconds(500)
  /// How long a peer that owes an answer may be silent before it is asked whether it is alive.
  var quiet = Duration.milliseconds(400)
  /// The same for a peer that owes none. It is asked only if there is another endpoint, so that the next call does not have to find
  /// out that it hangs: if a whole host stops, calls that pass through several services would wait once for each.
  var idle = Duration.seconds(1)
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
  ///
  /// - Parameters:
  ///   - owes: whether it has calls to answer.
  ///   - leaves: whether there is another endpoint to go to.
  func next(_ pace: ClientPace, owes: Bool, leaves: Bool) -> ContinuousClock.Instant? {
    if let askedAt { return leaves ? askedAt + pace.ping : nil }
    if owes { return heardAt + pace.quiet }
    return leaves ? heardAt + pace.idle : nil
  }
}
