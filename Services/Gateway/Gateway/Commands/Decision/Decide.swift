import ArgumentParser
import Contract
import JSON
import LaunchModel

struct Decide: GatewayCommand {
  /// The decision to make, or the confirmation of a GO given earlier, on the launch date.
  enum Step: String, ExpressibleByArgument, CaseIterable {
    case go
    case noGo = "no-go"
    case hold, confirm
  }

  static let configuration = CommandConfiguration(
    commandName: "decide", abstract: "Decide GO, NO-GO or HOLD; confirm, show or export a decision.",
    discussion: """
      A GO given before the launch date is provisional; confirm it on that date. no-go and hold need a --reason; a \
      decision against the recommendation needs --override and a --reason. A GO with --artifact opens the gate only \
      for that artifact. --export writes the current GO as a signed statement, which gonogo verify checks anywhere; \
      with --verdicts, it writes the verdicts instead (from day 30 on).
      """,
    examples: [
      "gonogo decide smart-routing",
      "gonogo decide smart-routing go --reason 'everything is in place'",
      "gonogo decide smart-routing go --override --reason 'the risk is accepted'",
      "gonogo decide smart-routing confirm",
      "gonogo decide smart-routing --export smart-routing.go.json",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: "go, no-go, hold or confirm; omit it to show the decision.") var step: Step?
  @OptionGroup var artifact: ArtifactOption
  @Flag(help: "Decide against the recommendation; needs --reason.") var override = false
  @Option(
    help: ArgumentHelp("Write the GO as a signed statement to FILE; - for standard output.", valueName: "file"))
  var export: String?
  @Flag(help: "With --export: write the verdicts, from day 30 on.") var verdicts = false
  @OptionGroup var overwriting: OverwriteOption
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard artifact.artifact == nil || step == .go else {
      throw ValidationError("--artifact applies only to go")
    }
    guard export == nil || (step == nil && !override && explanation.reason == nil) else {
      throw ValidationError("--export only writes an earlier decision: run it apart from go, no-go, hold and confirm")
    }
    guard export != nil || (!verdicts && !overwriting.force) else {
      throw ValidationError("--verdicts and --force apply only to --export; pass --export FILE")
    }
  }

  func run(in session: Session) async throws {
    if let export { return try await write(to: export, in: session) }
    switch step {
    case .go?: try await decide(.go, in: session)
    case .noGo?: try await decide(.noGo, in: session)
    case .hold?: try await decide(.hold, in: session)
    case .confirm?:
      let action = LaunchAction(launch: launch.id, reason: explanation.reason)
      try await session.show(ChecklistRoutes.confirmDecision, action)
    case nil: try await session.show(ChecklistRoutes.showDecision, LaunchReference(launch: launch.id))
    }
  }

  private func decide(_ decision: DecisionKind, in session: Session) async throws {
    if decision == .go { try await warnOfBookings(in: session) }
    let request = DecisionRequest(
      launch: launch.id, decision: decision, reason: explanation.reason, override: override ? true : nil,
      artifact: artifact.artifact)
    try await session.show(ChecklistRoutes.makeDecision, request)
  }

  /// Warns of people who have work on this launch and on another one in the same week. If the policy makes that a
  /// reason against GO, the decision itself is refused for it.
  private func warnOfBookings(in session: Session) async throws {
    let filter = ConflictFilter(launch: launch.id, accepted: false)
    let conflicts = try await session.call(ChecklistRoutes.bookingConflicts, filter).value.conflicts.map(\.conflict)
    let own = conflicts.filter { $0.launch == launch.id && $0.kind == .samePerson }
    for conflict in own.prefix(Self.shownBookings) { session.console.warning(conflict.reason) }
    guard own.count > Self.shownBookings else { return }
    session.console.warning(
      "\(counted(own.count - Self.shownBookings, "more double booking")); see gonogo calendar conflicts")
  }

  private static let shownBookings = 3

  /// Writes a signed statement to a file, or to standard output.
  private func write(to file: String, in session: Session) async throws {
    let target = try file == "-" ? nil : OutputFile(file, option: "--export", overwrites: overwriting.force)
    let request = ExportDecision(launch: launch.id, verdicts: verdicts ? true : nil)
    let reply = try await session.call(ChecklistRoutes.exportDecision, request)
    let content = String(decoding: try JSONCoding.value(reply.value).canonical(), as: UTF8.self) + "\n"
    guard let target else { return session.console.write(content) }
    try target.write(content)
    try session.print(reply)
    session.console.note("wrote \(file); gonogo verify \(file) checks it, and gonogo gate \(launch.id) opens the gate")
  }
}
