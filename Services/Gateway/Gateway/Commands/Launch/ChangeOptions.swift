import ArgumentParser
import Contract
import JSON
import LaunchModel

/// The options of every change to a launch, and how a change is applied and reported.
struct ChangeOptions: ParsableArguments {
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var seen: ExpectedVersionOption

  var reason: String? { explanation.reason }
  var expectedVersion: Int? { seen.expectedVersion }
}

extension ChangeOptions {
  /// Changes a launch, prints it, and notes the differences.
  ///
  /// Without `--expected-version`, the change expects the previewed version, or else the version at the start of the
  /// command, so that the second of two concurrent changes is refused.
  func apply<Parameters>(
    _ route: Route<Parameters, LaunchRecord>, _ parameters: Parameters, to launch: LaunchID,
    previewed version: Int? = nil, in session: Session
  ) async throws {
    let before = try await session.call(TieringRoutes.show, LaunchReference(launch: launch))
    let after = try await session.call(
      route, parameters, expectedVersion: expectedVersion ?? version ?? before.value.version)
    try session.print(after)
    guard after.value.version != before.value.version else {
      return session.console.note("nothing was changed: the launch already has these values")
    }
    let differences = Self.differences(
      from: try JSONValue(parsing: before.json), to: try JSONValue(parsing: after.json))
    let versions = "version \(before.value.version) → \(after.value.version)"
    session.console.note(([versions] + differences).joined(separator: "; "))
  }

  /// Applies a change that is meaningful only before a launch ships.
  ///
  /// - Throws: a conflict if the launch has shipped in the meantime. If that cannot be checked, the change is stored
  ///   anyway, and succeeds with a warning.
  func applyBeforeShipping<Parameters>(
    _ route: Route<Parameters, LaunchRecord>, _ parameters: Parameters, to launch: LaunchID,
    previewed version: Int? = nil, in session: Session
  ) async throws {
    try await apply(route, parameters, to: launch, previewed: version, in: session)
    let exposure: ExposureView
    do {
      // The checklist answers after it has processed the change; from then on it accepts no exposure of a cancelled
      // launch.
      exposure = try await session.call(ChecklistRoutes.showExposure, LaunchReference(launch: launch)).value
    } catch let failure as CallError where failure.problem.kind == .notFound && failure.busAnswered {
      // The checklist does not know the launch, so it cannot have recorded any exposure.
      return
    } catch let error where !(error is CancellationError) {
      let reason = GatewayError(describing: error)?.messages.joined(separator: "; ") ?? "\(error)"
      session.console.warning(
        "the change is stored, but whether \(launch) shipped meanwhile is unknown: \(reason); "
          + "check with gonogo launch show \(launch)")
      return
    }
    guard exposure.percentage > 0, let attempt = exposure.attempts.last else { return }
    throw GatewayError(
      .conflict,
      "\(launch) was shipped meanwhile: \(exposure.percentage.digits(2))% exposed since \(attempt.startedAt), so it is "
        + "live; see gonogo launch show \(launch), or record a rollback with gonogo launch rollback \(launch)")
  }

  /// Cancels or postpones a launch, after showing the consequences and asking.
  ///
  /// - Parameter what: the change, such as `cancelling a launch`.
  func stop(
    _ launch: LaunchID, as status: LaunchStatus, by route: Route<LaunchAction, LaunchRecord>, _ what: String,
    asking question: String, _ preview: DryRunOption, _ confirmation: ConfirmationOption, in session: Session
  ) async throws {
    let stopped = PreviewLaunch(launch: launch, status: status, reason: reason)
    if preview.dryRun { return try await show(stopped, in: session) }
    try explanation.require(for: what)
    var version: Int?
    if !confirmation.yes {
      let diff = try await session.call(TieringRoutes.preview, stopped, expectedVersion: expectedVersion).value
      try confirmation.ask(question, showing: diff, in: session)
      version = diff.version
    }
    let action = LaunchAction(launch: launch, reason: reason)
    try await applyBeforeShipping(route, action, to: launch, previewed: version, in: session)
  }

  /// Records exposure. If no GO is in force, warns and asks first.
  func expose(
    _ route: Route<ExposureRequest, ExposureView>, _ request: ExposureRequest, _ preview: DryRunOption,
    _ confirmation: ConfirmationOption, in session: Session
  ) async throws {
    let consequences = try await session.call(
      ChecklistRoutes.previewExposure, request, expectedVersion: expectedVersion)
    if preview.dryRun { return try session.print(consequences) }
    for violation in consequences.value.breaks {
      session.console.warning("would be recorded: \(withoutViolationCode(violation))")
    }
    if consequences.value.withoutGo {
      try explanation.require(for: "exposing customers without a GO in force")
      try confirmation.ask(
        "Record this violation? If customers have \(request.launch) already, record it.", showing: consequences.value,
        in: session)
    }
    try session.print(try await session.call(route, request, expectedVersion: expectedVersion))
  }

  /// Shows what a change would do, without making the change.
  func show(_ preview: PreviewLaunch, in session: Session) async throws {
    try session.print(
      try await session.call(TieringRoutes.preview, preview, expectedVersion: expectedVersion))
  }

  /// The fields that a person can change, and those derived from them.
  private static let reportedFields =
    LaunchPlan.fields.filter { !["launch", "facts"].contains($0) }.map { [$0] } + Facts.fields.map { ["facts", $0] }
    + [
      ["override", "tier"], ["tier"], ["earliestDate"], ["shortfall", "days"], ["shortfall", "waived", "by"],
      ["status"],
    ]

  /// Returns each difference in the form `owner: dana → ibrahim`, with `-` for a missing value.
  static func differences(from before: JSONValue, to after: JSONValue) -> [String] {
    reportedFields.compactMap { path in
      let (old, new) = (before.value(at: path), after.value(at: path))
      return old == new ? nil : "\(path.joined(separator: ".")): \(old.plainText) → \(new.plainText)"
    }
  }
}
