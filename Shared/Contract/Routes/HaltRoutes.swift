public import LaunchModel

extension ChecklistRoutes {
  /// Stops the line: closes every gate at once, also of launches that are proposed later, apart from exceptions. While a halt
  /// stands, changes its exceptions. Product Ops, or whoever is granted the right `halt`; requires a reason.
  public static let setHalt = Route<SetHalt, HaltView>(.checklist, "halt.set", .change)
  /// Lifts the halt, with a reason; the GOs that stood hold again.
  public static let liftHalt = Route<LiftHalt, HaltView>(.checklist, "halt.lift", .change)
  /// Whether the line is halted, by whom and why.
  public static let showHalt = Route<NoParameters, HaltView>(.checklist, "halt.show", .read)
}

/// A halt to set, or changes of the exceptions of the one that stands.
public struct SetHalt: Codable, Sendable, Hashable {
  /// Why; required.
  public var reason: String?
  /// Launches to exempt; default none.
  public var except: [LaunchID]?
  /// Launches that are exempt from the halt that stands, and are to be so no longer; default none.
  public var revoke: [LaunchID]?

  public init(reason: String?, except: [LaunchID]? = nil, revoke: [LaunchID]? = nil) {
    self.reason = reason
    self.except = except
    self.revoke = revoke
  }
}

/// Lifts the halt that stands.
public struct LiftHalt: Codable, Sendable, Hashable {
  /// Why; required.
  public var reason: String?

  public init(reason: String?) { self.reason = reason }
}

/// Whether the line is halted.
public struct HaltView: Codable, Sendable, Hashable {
  /// Whether a halt stands, which closes every gate but those of its exceptions.
  public var halted: Bool
  /// The halt that stands, else the last one, with who lifted it; nil if the line was never halted.
  public var halt: Halt?

  public init(_ halt: Halt?) {
    halted = halt?.isStanding ?? false
    self.halt = halt
  }
}
