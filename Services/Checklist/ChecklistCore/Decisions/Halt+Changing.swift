public import Contract
public import LaunchModel

extension Halt {
  /// Returns the halt that results from a request to stop the line, or to change the exceptions of the current halt.
  ///
  /// - Parameter latest: the latest halt, lifted or not; nil if there was none.
  /// - Throws: `invalid` if the reason is missing, or if a launch is both to be exempted and to be halted; a conflict
  ///   if a halt is in effect and its exceptions would not change.
  public static func setting(
    _ request: SetHalt, after latest: Halt?, by actor: Actor, at now: Timestamp
  ) throws(Problem) -> Halt {
    guard let reason = request.reason?.trimmedOrNil else {
      throw Problem.missing("reason", "stopping the line needs a reason (--reason TEXT)")
    }
    let (except, revoke) = (request.except ?? [], request.revoke ?? [])
    if let both = except.first(where: revoke.contains) {
      throw Problem.unfit("revoke", "\(both) is named by both except and revoke; name it once")
    }
    let entry = Entry(reason: reason, by: actor.description, at: now)
    guard var halt = latest, halt.isStanding else {
      if let launch = revoke.first {
        throw Problem.unfit("revoke", "the line is not halted, so \(launch) has no exemption to revoke")
      }
      var new = Halt(number: (latest?.number ?? 0) + 1, reason: reason, by: entry.by, at: now)
      try new.grant(except, entry)
      return new
    }
    guard !except.isEmpty || !revoke.isEmpty else {
      throw Problem.conflict(
        "already-halted", title: "the line is halted already",
        "\(halt.summary); change its exceptions (--except L, --revoke L), or lift it first (gonogo halt --lift)")
    }
    try halt.grant(except, entry)
    try halt.revoke(revoke, entry)
    return halt
  }

  private mutating func grant(_ launches: [LaunchID], _ entry: Entry) throws(Problem) {
    for launch in launches {
      guard !exempt.contains(launch) else {
        throw Problem.conflict("already-exempt", title: "exempt already", "\(launch) is exempt from the halt already")
      }
      exceptions.append(Exception(launch: launch, granted: entry))
    }
  }

  private mutating func revoke(_ launches: [LaunchID], _ entry: Entry) throws(Problem) {
    for launch in launches {
      guard let index = exceptions.lastIndex(where: { $0.launch == launch && $0.revoked == nil }) else {
        let known = exempt.isEmpty ? "no launch is" : "exempt: \(exempt.map(\.rawValue).joined(separator: ", "))"
        throw Problem.conflict("not-exempt", title: "not exempt", "\(launch) is not exempt from the halt; \(known)")
      }
      exceptions[index].revoked = entry
    }
  }

  /// Returns the halt after it is lifted.
  ///
  /// - Parameter latest: the latest halt; nil if there was none.
  /// - Throws: `invalid` if the reason is missing; a conflict if no halt is in effect.
  public static func lifting(
    _ latest: Halt?, _ request: LiftHalt, by actor: Actor, at now: Timestamp
  ) throws(Problem) -> Halt {
    guard let reason = request.reason?.trimmedOrNil else {
      throw Problem.missing("reason", "lifting a halt needs a reason (--reason TEXT)")
    }
    guard var halt = latest, halt.isStanding else {
      let since = latest?.lifted.map { "; \($0.by) lifted the last halt at \($0.at)" } ?? ""
      throw Problem.conflict("not-halted", title: "the line is not halted", "there is no halt to lift\(since)")
    }
    halt.lifted = Entry(reason: reason, by: actor.description, at: now)
    return halt
  }
}

extension Halt {
  /// The reason why a launch's gate is closed during the halt.
  public var reasonAgainstGo: ReadinessReason { ReadinessReason(code: "halted", detail: summary) }
}

extension ReadinessView {
  /// The readiness while a halt closes the launch's gate: the halt is the first reason against GO; unchanged if there
  /// is none.
  public func halted(by halt: Halt?) -> ReadinessView {
    guard let halt else { return self }
    var view = self
    view.recommendation = .noGo
    view.reasons.insert(halt.reasonAgainstGo, at: 0)
    var groups = (view.groups ?? []).map { group in
      ReasonGroup(function: group.function, overdue: group.overdue, reasons: group.reasons.map { $0 + 1 })
    }
    // The group of the launch as a whole comes first, and none of its reasons is about an overdue item.
    if groups.first.map({ $0.function == nil }) ?? false {
      groups[0].reasons.insert(0, at: 0)
    } else {
      groups.insert(ReasonGroup(function: nil, overdue: 0, reasons: [0]), at: 0)
    }
    view.groups = groups
    view.halt = halt
    return view
  }
}

extension DecisionView {
  /// Returns the decision while a halt closes the launch's gate: a valid GO is not in force until the halt is lifted.
  public func halted(by halt: Halt?) -> DecisionView {
    guard let halt else { return self }
    var view = self
    view.inForce = false
    view.reasons.insert(halt.reasonAgainstGo, at: 0)
    return view
  }
}

extension GateView {
  /// Returns the gate, closed by a reason that no decision can override; unchanged if the reason is nil.
  public func closed(by reason: ReadinessReason?) -> GateView {
    guard let reason else { return self }
    var view = self
    view.open = false
    view.inForce = false
    view.reasons.insert(reason, at: 0)
    return view
  }
}
