public import LaunchModel

/// The checklist service's methods.
public enum ChecklistRoutes {
  /// The readiness of one launch by function, with the recommendation and all its reasons.
  public static let readiness = Route<LaunchReference, ReadinessView>(.checklist, "readiness.show", .read)
  /// The readiness of every running launch.
  public static let board = Route<BoardReference, BoardView>(.checklist, "readiness.board", .read)
  /// Records a lead's go or no-go for their function.
  public static let answerPoll = Route<PollAnswer, PollView>(.checklist, "poll.answer", .change)
  /// Which functions have answered the poll and which have not.
  public static let showPoll = Route<LaunchReference, PollView>(.checklist, "poll.show", .read)
  /// Records Product Ops' go, no-go or hold; deciding against the recommendation requires an override.
  public static let makeDecision = Route<DecisionRequest, DecisionView>(.checklist, "decision.make", .change)
  /// Confirms on the launch date a GO that was given earlier; for tiers 0 and 1.
  public static let confirmDecision = Route<LaunchAction, DecisionView>(.checklist, "decision.confirm", .change)
  /// The current decision, and whether it is in force.
  public static let showDecision = Route<LaunchReference, DecisionView>(.checklist, "decision.show", .read)
  /// Whether the launch may ship now, for pipelines; asks tiering and metrics for their current state. With `waitMs`,
  /// waits for a closed gate to open.
  public static let checkGate = Route<GateRequest, GateView>(.checklist, "gate.check", .read)
  /// Records the first real exposure: day 0 of every window.
  public static let ship = Route<ExposureRequest, ExposureView>(.checklist, "exposure.ship", .change)
  /// The rules that recording an exposure would break, without storing anything.
  public static let previewExposure = Route<ExposureRequest, ExposurePreview>(
    .checklist, "exposure.preview", .read)
  /// Records a new percentage of a gradual rollout; 0 is a rollback and needs a reason.
  public static let stage = Route<ExposureRequest, ExposureView>(.checklist, "exposure.stage", .change)
  /// Records that customers no longer have the launch, with a reason, and ends its GO; shipping again starts a new
  /// attempt.
  public static let rollback = Route<ExposureRequest, ExposureView>(.checklist, "exposure.rollback", .change)
  /// The exposure of a launch over time.
  public static let showExposure = Route<LaunchReference, ExposureView>(.checklist, "exposure.show", .read)
  /// The template's versions and the proposals to change it.
  public static let listTemplates = Route<NoParameters, TemplateList>(.checklist, "template.list", .read)
  /// One version of the template, in full.
  public static let showTemplate = Route<VersionReference, ChecklistTemplate>(.checklist, "template.show", .read)
  /// The differences between two versions of the template, or between the current one and a proposal or a document.
  public static let diffTemplates = Route<DiffTemplates, TemplateDiff>(.checklist, "template.diff", .read)
  /// Proposes a change to the template; has no effect until it is adopted.
  public static let proposeTemplate = Route<TemplateProposal, TemplateProposalView>(
    .checklist, "template.propose", .change)
  /// Adopts a new template version for later launches; running launches keep theirs.
  public static let adoptTemplate = Route<AdoptTemplate, TemplateAdopted>(.checklist, "template.adopt", .change)
  /// The broken references between roster, template and running launches, such as an owner who is not on the roster.
  public static let checkRoster = Route<NoParameters, ReferenceReport>(.checklist, "roster.check", .read)
  /// What a person, or everyone who is not on the roster, still holds on the running launches.
  public static let holdings = Route<HoldingsReference, HoldingsReport>(.checklist, "roster.holdings", .read)
  /// The roster against which rights are checked.
  public static let showRoster = Route<NoParameters, RosterView>(.checklist, "roster.show", .read)
  /// The references that adopting a roster would break, without storing anything; references that are broken already
  /// are left out.
  public static let previewRoster = Route<AdoptRoster, ReferenceReport>(.checklist, "roster.preview", .read)
  /// Replaces the roster with a new version, which every process uses.
  public static let adoptRoster = Route<AdoptRoster, RosterAdopted>(.checklist, "roster.adopt", .change)
}

/// Parameters of a method about one launch.
public struct LaunchReference: Codable, Sendable, Hashable {
  /// The launch, for example `smart-routing`.
  public var launch: LaunchID
  /// The moment to answer for; nil means now.
  public var asOf: Timestamp?

  public init(launch: LaunchID, asOf: Timestamp? = nil) {
    self.launch = launch
    self.asOf = asOf
  }
}

/// Parameters of a launch change that needs at most a reason.
public struct LaunchAction: Codable, Sendable, Hashable {
  /// The launch to change, for example `smart-routing`.
  public var launch: LaunchID
  /// Why, for the audit trail; some methods require it.
  public var reason: String?

  public init(launch: LaunchID, reason: String? = nil) {
    self.launch = launch
    self.reason = reason
  }
}
