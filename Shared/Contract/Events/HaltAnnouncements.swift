public import LaunchModel

extension Announcements {
  /// Sent by checklist when the line is halted, which closes every gate, or when the exceptions of a halt change.
  public static let haltSet = EventType<HaltAnnounced>("dev.gonogo.halt.set.v1")
  /// Sent by checklist when a halt is lifted; GOs that were in force before it are in force again.
  public static let haltLifted = EventType<HaltAnnounced>("dev.gonogo.halt.lifted.v1")
}

/// A halt that was set, changed or lifted; the event's `reason` says why.
public struct HaltAnnounced: Codable, Sendable, Hashable {
  /// The number of the halt, starting at 1.
  public var halt: Int
  /// The launches that are now exempt; the halt does not close their gates.
  public var exceptions: [LaunchID]

  public init(_ halt: Halt) {
    self.halt = halt.number
    exceptions = halt.exempt
  }

  /// The subject used in audit entries and events in place of a launch's id.
  public static let subject = "halt"
}
