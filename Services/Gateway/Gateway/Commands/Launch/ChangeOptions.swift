import ArgumentParser
import JSON
import Contract
import LaunchModel

/// What every change of a launch takes.
struct ChangeOptions: ParsableArguments {
  @Option(help: "Why.") var reason: String?

  @Option(
    help: ArgumentHelp(
      "The version that you saw, as launch show says; refused (76), with what changed since, where there is a later one. "
        + "Default: the version as the command begins.", valueName: "version"))
  var expectedVersion: Int?
}

extension ChangeOptions {
  /// Changes a launch as it was seen, prints it, and says what it was before: of two changes at once the second is refused.
  func change<Parameters>(
    _ launch: LaunchID, by route: Route<Parameters, LaunchRecord>, _ parameters: Parameters, in session: Session
  ) async throws {
    let before = try await session.call(TieringRoutes.show, LaunchReference(launch: launch))
    let after = try await session.call(route, parameters, expectedVersion: expectedVersion ?? before.value.version)
    try session.print(after)
    let differences = Self.differences(
      from: try JSONValue(parsing: before.json), to: try JSONValue(parsing: after.json))
    let versions = "version \(before.value.version) → \(after.value.version)"
    session.console.note(
      after.value.version == before.value.version
        ? "nothing was changed: it is so already" : ([versions] + differences).joined(separator: "; "))
  }

  /// Changes a launch that is to lie ahead still; where customers have got it at the same time, says so.
  func changePlan<Parameters>(
    _ launch: LaunchID, by route: Route<Parameters, LaunchRecord>, _ parameters: Parameters, in session: Session
  ) async throws {
    try await change(launch, by: route, parameters, in: session)
    // The checklist answers when it has heard of the change, and takes no exposure after a cancellation from then on.
    let exposure = try? await session.call(ChecklistRoutes.showExposure, LaunchReference(launch: launch)).value
    guard let exposure, exposure.percentage > 0, let attempt = exposure.attempts.last else { return }
    throw GatewayError(
      .conflict,
      "\(launch) was shipped meanwhile: \(exposure.percentage.digits(2))% of customers have it since \(attempt.startedAt), and it "
        + "is live; look at it with gonogo launch show, or take it back with gonogo launch rollback")
  }

  /// Shows what a change would do of the launch as it was seen.
  func show(_ preview: PreviewLaunch, in session: Session) async throws {
    try session.print(
      try await session.call(TieringRoutes.preview, preview, expectedVersion: expectedVersion))
  }

  /// What a person can have changed, and what followed of it.
  private static let told =
    LaunchPlan.fields.filter { !["launch", "facts"].contains($0) }.map { [$0] } + Facts.fields.map { ["facts", $0] }
    + [
      ["override", "tier"], ["tier"], ["earliestDate"], ["shortfall", "days"], ["shortfall", "waived", "by"],
      ["status"],
    ]

  /// As `owner: dana → ibrahim`; `-` stands for what is not there.
  static func differences(from before: JSONValue, to after: JSONValue) -> [String] {
    told.compactMap { path in
      let (old, new) = (before.member(at: path), after.member(at: path))
      return old == new ? nil : "\(path.joined(separator: ".")): \(old.told) → \(new.told)"
    }
  }
}

extension JSONValue {
  fileprivate func member(at path: [String]) -> JSONValue? { path.reduce(self) { $0?[$1] } }
}

extension JSONValue? {
  /// Text as it is, anything else as JSON.
  fileprivate var told: String {
    switch self {
    case nil, .null: "-"
    case .string(let text): text
    case let value?: String(decoding: value.canonical(), as: UTF8.self)
    }
  }
}
