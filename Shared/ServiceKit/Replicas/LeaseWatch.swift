import Storage

/// Says when the lease of another process may be taken: when it is given up, or has been seen without a beat for a term.
///
/// The time is that of the own monotonic clock between two looks at the store, so clocks need not agree.
struct LeaseWatch {
  private let term: Duration
  private var seen: (standing: Leases.Standing, since: ContinuousClock.Instant)?

  /// - Parameter term: how long the holder may be silent.
  init(term: Duration) { self.term = term }

  /// Takes note of how the lease stands, and says whether to take it.
  mutating func mayTake(_ standing: Leases.Standing?, at now: ContinuousClock.Instant) -> Bool {
    guard let standing, !standing.isFree else { return true }
    guard let seen, seen.standing == standing else {
      seen = (standing, now)
      return false
    }
    return now - seen.since >= term
  }

  /// Begins anew, as after a time in which the store could not be looked at, and its holder could not beat.
  mutating func forget() { seen = nil }
}
