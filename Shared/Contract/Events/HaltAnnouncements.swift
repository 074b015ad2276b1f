public import LaunchModel

extension Announcements {
  /// Sent by checklist when the line is stopped, which closes every gate, or the exceptions of a halt change.
  public static let haltSet = EventType<HaltAnnounced>("dev.gonogo.halt.set.v1")
  /// Sent by checklist when a halt is lifted; the GOs that stood hold again.
  public static let haltLifted = EventType<HaltAnnounced>("dev.gonogo.halt.lifted.v1")
}

/// A halt that was set, changed or lifted; why is the announcement's reason.
public struct HaltAnnounced: Codable, Sendable, Hashable {
  /// The number of the halt, starting at 1.
  public var halt: Int
  /// The launches exempted from it now; their gates are not closed by it.
  public var exceptions: [LaunchID]

  public init(_ halt: Halt) {
    self.halt = halt.number
    exceptions = halt.exempt
  }

  /// The subject used in audit entries and events in place of a launch's id.
  public static let subject = "halt"
}
