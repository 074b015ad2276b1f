public import LaunchModel

extension ChecklistRoutes {
  /// Halts the line: closes every gate at once, including those of launches proposed later, except for exempt launches.
  /// During a halt, changes its exceptions. Product Ops, or anyone granted the right `halt`; requires a reason.
  public static let setHalt = Route<SetHalt, HaltView>(.checklist, "halt.set", .change)
  /// Lifts the halt, with a reason; GOs that were in force before it are in force again.
  public static let liftHalt = Route<LiftHalt, HaltView>(.checklist, "halt.lift", .change)
  /// Whether the line is halted, by whom and why.
  public static let showHalt = Route<NoParameters, HaltView>(.checklist, "halt.show", .read)
}

/// A halt to set, or changes to the exceptions of the current one.
public struct SetHalt: Codable, Sendable, Hashable {
  /// Why; required.
  public var reason: String?
  /// Launches to exempt; default none.
  public var except: [LaunchID]?
  /// Exempt launches to which the current halt is to apply again; default none.
  public var revoke: [LaunchID]?

  public init(reason: String?, except: [LaunchID]? = nil, revoke: [LaunchID]? = nil) {
    self.reason = reason
    self.except = except
    self.revoke = revoke
  }
}

/// Lifts the current halt.
public struct LiftHalt: Codable, Sendable, Hashable {
  /// Why; required.
  public var reason: String?

  public init(reason: String?) { self.reason = reason }
}

/// Whether the line is halted.
public struct HaltView: Codable, Sendable, Hashable {
  /// Whether a halt is in force, which closes every gate except those of exempt launches.
  public var halted: Bool
  /// The current halt, or else the last one, with who lifted it; nil if the line was never halted.
  public var halt: Halt?

  public init(_ halt: Halt?) {
    halted = halt?.isStanding ?? false
    self.halt = halt
  }
}
