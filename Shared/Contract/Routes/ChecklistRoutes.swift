public import LaunchModel

/// The checklist service's methods.
public enum ChecklistRoutes {
  /// A launch's items with their state, due dates, approvals and evidence.
  public static let items = Route<LaunchReference, ItemList>(.checklist, "checklist.items", .read)
  /// One item with all that was done to it.
  public static let showItem = Route<ItemTarget, ItemResponse>(.checklist, "item.show", .read)
  /// Marks an item as being worked on.
  public static let start = Route<ItemAction, ItemResponse>(.checklist, "item.start", .change)
  /// Completes an item, as far as its approvals, evidence and dependencies allow.
  public static let done = Route<ItemAction, ItemResponse>(.checklist, "item.done", .change)
  /// Makes an item open again that was done, waived, not applicable or in review; needs a reason.
  public static let reopen = Route<ItemAction, ItemResponse>(.checklist, "item.reopen", .change)
  /// Says that an item cannot go on, and why.
  public static let block = Route<ItemAction, ItemResponse>(.checklist, "item.block", .change)
  /// Takes a block back.
  public static let unblock = Route<ItemAction, ItemResponse>(.checklist, "item.unblock", .change)
  /// Asks the item's groups for their approvals; who submits is its author and cannot approve it.
  public static let submit = Route<ItemAction, ItemResponse>(.checklist, "item.submit", .change)
  /// Approves for a group; the last approval that is missing makes the item done.
  public static let approve = Route<ItemAction, ItemResponse>(.checklist, "item.approve", .change)
  /// Rejects for a group, with a reason; that blocks until it is withdrawn or the item changes.
  public static let reject = Route<ItemAction, ItemResponse>(.checklist, "item.reject", .change)
  /// Takes back one's own approval or rejection.
  public static let withdraw = Route<ItemAction, ItemResponse>(.checklist, "item.withdraw", .change)
  /// Lets an item pass undone until a date, with a reason; it is failing again on that date.
  public static let waive = Route<ItemAction, ItemResponse>(.checklist, "item.waive", .change)
  /// Says that an item does not apply to this launch, with a reason.
  public static let markNotApplicable = Route<ItemAction, ItemResponse>(.checklist, "item.markNotApplicable", .change)
  /// Gives an item an owner.
  public static let assign = Route<ItemAction, ItemResponse>(.checklist, "item.assign", .change)
  /// Adds evidence; as a change of the item it voids the approvals given so far.
  public static let attach = Route<ItemAction, ItemResponse>(.checklist, "item.attach", .change)
  /// Adds a remark to an item's history and changes nothing else.
  public static let comment = Route<ItemAction, ItemResponse>(.checklist, "item.comment", .change)
  /// The readiness of one launch by function, with the recommendation and all its reasons.
  public static let readiness = Route<LaunchReference, ReadinessView>(.checklist, "readiness.show", .read)
  /// The readiness of every launch that is under way.
  public static let board = Route<BoardReference, BoardView>(.checklist, "readiness.board", .read)
  /// A lead's go or no-go for their function.
  public static let answerPoll = Route<PollAnswer, PollView>(.checklist, "poll.answer", .change)
  /// Who has answered the poll, and who has not.
  public static let showPoll = Route<LaunchReference, PollView>(.checklist, "poll.show", .read)
  /// Product Ops' go, no-go or hold; against the recommendation only as an override.
  public static let makeDecision = Route<DecisionRequest, DecisionView>(.checklist, "decision.make", .change)
  /// Confirms on the launch date a GO that was given before it; for tiers 0 and 1.
  public static let confirmDecision = Route<LaunchAction, DecisionView>(.checklist, "decision.confirm", .change)
  /// The standing decision, and whether it is in force.
  public static let showDecision = Route<LaunchReference, DecisionView>(.checklist, "decision.show", .read)
  /// Whether the launch may ship now, for pipelines; asks tiering and metrics at that moment.
  public static let checkGate = Route<LaunchReference, GateView>(.checklist, "gate.check", .read)
  /// Records the first real exposure: day 0 of every window.
  public static let ship = Route<ExposureRequest, ExposureView>(.checklist, "exposure.ship", .change)
  /// Records a further percentage of a gradual rollout; 0 is a rollback.
  public static let stage = Route<ExposureRequest, ExposureView>(.checklist, "exposure.stage", .change)
  /// Records that customers no longer have it; what ships after it is a new attempt.
  public static let rollback = Route<ExposureRequest, ExposureView>(.checklist, "exposure.rollback", .change)
  /// Who has had the launch, and when.
  public static let showExposure = Route<LaunchReference, ExposureView>(.checklist, "exposure.show", .read)
  /// The template's versions, and the proposals to change it.
  public static let listTemplates = Route<NoParameters, TemplateList>(.checklist, "template.list", .read)
  /// One version of the template, whole.
  public static let showTemplate = Route<VersionReference, ChecklistTemplate>(.checklist, "template.show", .read)
  /// Proposes a change of the template; it is stored and changes nothing until it is adopted.
  public static let proposeTemplate = Route<TemplateProposal, TemplateProposalView>(
    .checklist, "template.propose", .change)
  /// Makes a new version that later launches start from; running ones stay as they are.
  public static let adoptTemplate = Route<AdoptTemplate, TemplateAdopted>(.checklist, "template.adopt", .change)
  /// The roster that rights are checked by.
  public static let showRoster = Route<NoParameters, RosterView>(.checklist, "roster.show", .read)
  /// Replaces the roster by a new version of it, for every process.
  public static let adoptRoster = Route<AdoptRoster, RosterAdopted>(.checklist, "roster.adopt", .change)
}

/// Parameters of a method about one launch.
public struct LaunchReference: Codable, Sendable, Hashable {
  /// The launch asked about, as `smart-routing`.
  public var launch: LaunchID
  /// The moment asked about; nil stands for now.
  public var asOf: Timestamp?

  public init(launch: LaunchID, asOf: Timestamp? = nil) {
    self.launch = launch
    self.asOf = asOf
  }
}

/// Parameters of a change of one launch that needs no more than a reason.
public struct LaunchAction: Codable, Sendable, Hashable {
  /// The launch to change, as `smart-routing`.
  public var launch: LaunchID
  /// Why, for the audit; some methods refuse to go without.
  public var reason: String?

  public init(launch: LaunchID, reason: String? = nil) {
    self.launch = launch
    self.reason = reason
  }
}
