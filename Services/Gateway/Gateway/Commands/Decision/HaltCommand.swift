import ArgumentParser
import Contract
import LaunchModel

/// `gonogo halt`: shows, sets and lifts the halt of the line (`Halt`).
struct HaltCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "halt", abstract: "Stop the line: close every gate at once; or lift the halt.",
    discussion: """
      A halt closes the gate of every launch, including launches proposed later; --except exempts launches, and \
      --revoke ends an exemption. A halt does not make a GO stale: once it is lifted, the GO opens its gate again. \
      Only for Product Ops and whoever the roster grants the right halt.
      """,
    examples: [
      "gonogo halt",
      "gonogo halt --reason 'payments are failing' --except smart-routing",
      "gonogo halt --lift --reason 'payments work again'",
    ])

  @Flag(help: "Lift the halt.") var lift = false
  @Option(parsing: .upToNextOption, help: ArgumentHelp("Launches to exempt.", valueName: "launch"))
  var except: [LaunchID] = []
  @Option(parsing: .upToNextOption, help: ArgumentHelp("Launches whose exemption ends.", valueName: "launch"))
  var revoke: [LaunchID] = []
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    let changes = !except.isEmpty || !revoke.isEmpty
    guard !lift || !changes else {
      throw ValidationError("--lift ends the halt for all launches: omit --except and --revoke")
    }
    guard explanation.reason != nil || !(lift || changes) else {
      throw ValidationError("changing the halt needs a reason: pass --reason TEXT")
    }
  }

  func run(in session: Session) async throws {
    guard let reason = explanation.reason else {
      try await session.show(ChecklistRoutes.showHalt, NoParameters())
      return
    }
    if lift {
      try await session.show(ChecklistRoutes.liftHalt, LiftHalt(reason: reason))
    } else {
      let request = SetHalt(
        reason: reason, except: except.isEmpty ? nil : except, revoke: revoke.isEmpty ? nil : revoke)
      try await session.show(ChecklistRoutes.setHalt, request)
    }
  }
}

extension HaltView: Displayable {
  func display(on page: inout Page) {
    guard let halt else {
      page.paragraph("The line is not halted, and never was.")
      return
    }
    let state = halted ? Text("The line is halted: \(halt.closedGates).", .bad) : Text("The line is not halted.", .good)
    page.paragraph(state)
    page.fields([
      "Halted": Text("\(halt.at.short) by \(halt.by): \(halt.reason)"),
      "Lifted": halt.lifted.map { Text("\($0.at.short) by \($0.by): \($0.reason)") },
    ])
    page.section(
      "Exceptions",
      halt.exceptions.map { exception in
        let granted = "\(exception.launch), by \(exception.granted.by): \(exception.granted.reason)"
        let revoked = exception.revoked.map { "; revoked by \($0.by) \($0.at.short): \($0.reason)" } ?? ""
        return Text(granted + revoked)
      })
  }
}

extension Halt {
  /// Which gates it closes while it stands: all but those of the launches that are exempt now.
  fileprivate var closedGates: String {
    guard !exempt.isEmpty else { return "every gate is closed" }
    let names = exempt.map(\.description).joined(separator: ", ")
    return "every gate is closed except \(exempt.count == 1 ? "that" : "those") of \(names)"
  }
}

extension Session {
  /// Warns if a halt closes the launch's gate; for commands whose service does not know of halts.
  ///
  /// - Parameter launch: nil if the command is about many; then it warns if a halt stands.
  /// - Throws: `GatewayError` if the checklist's endpoint cannot be used; `CancellationError`.
  func warnIfHalted(_ launch: LaunchID? = nil) async throws {
    do {
      let view = try await call(ChecklistRoutes.showHalt, NoParameters()).value
      guard let halt = view.halt, halt.isStanding, launch.map(halt.closes) ?? true else { return }
      console.warning(halt.summary)
    } catch let failure as CallError {
      let reason = GatewayError(failure).messages.joined(separator: "; ")
      console.warning("whether the line is halted is unknown: \(reason)")
    }
  }
}

extension Page {
  /// Adds who halted the line, above the table that follows; nothing if nobody did.
  mutating func halt(_ halt: Halt?) {
    if let halt { paragraph(Text(halt.summary, .bad)) }
  }
}
