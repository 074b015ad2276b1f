/// When a process that has ended is started again, and when not.
struct RestartPolicy: Sendable, Hashable {
  /// How a process ended.
  enum End: Sendable, Hashable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)
    /// It could not be started at all.
    case notStarted(String)

    var description: String {
      switch self {
      case .exited(let status): "exit status \(status)"
      case .signalled(let number): "signal \(number)"
      case .notStarted(let reason): reason
      }
    }
  }

  /// What is done about it.
  enum Verdict: Sendable, Hashable {
    case restart(after: Duration)
    /// For the reason, a sentence, and with the status that this ends with.
    case giveUp(String, ExitStatus)
  }

  /// A process that ran so long had started well, and failing counts from the beginning again.
  var settledAfter = Duration.seconds(10)
  /// How often in a row it may fail at once.
  var patience = 5
  var firstDelay = Duration.milliseconds(200)
  var longestDelay = Duration.seconds(5)

  private var failures = 0

  init() {}

  /// Judges the end of a process that nobody asked to end.
  mutating func judge(_ end: End, ranFor duration: Duration) -> Verdict {
    if duration >= settledAfter { failures = 0 }
    failures += 1
    if duration < settledAfter, let lasting = Self.lasting(end) { return lasting }
    guard failures <= patience else {
      return .giveUp(
        "it has failed \(failures) times in a row right after its start, the last time by \(end)", .unavailable)
    }
    let delay = (1..<failures).reduce(firstDelay) { delay, _ in min(longestDelay, delay * 2) }
    return .restart(after: delay)
  }

  /// Giving up where another start would end the same way; nil where it may not.
  private static func lasting(_ end: End) -> Verdict? {
    switch end {
    case .exited(64), .exited(65), .exited(78):
      .giveUp("its settings are not usable; its last lines say why", .badInput)
    case .exited(77): .giveUp("it may not use what it needs; its last lines say why", .forbidden)
    case .notStarted(let reason): .giveUp(reason, .unavailable)
    case .exited, .signalled: nil
    }
  }
}
