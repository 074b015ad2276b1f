/// The checklist service's methods.
public enum ChecklistRoutes {
  public static let items = Route<LaunchReference, ItemList>(.checklist, "checklist.items", .read)
  public static let showItem = Route<ItemTarget, ItemDetail>(.checklist, "item.show", .read)
  public static let start = Route<ItemAction, ItemDetail>(.checklist, "item.start", .change)
  public static let done = Route<ItemAction, ItemDetail>(.checklist, "item.done", .change)
  public static let reopen = Route<ItemAction, ItemDetail>(.checklist, "item.reopen", .change)
  public static let block = Route<ItemAction, ItemDetail>(.checklist, "item.block", .change)
  public static let unblock = Route<ItemAction, ItemDetail>(.checklist, "item.unblock", .change)
  public static let submit = Route<ItemAction, ItemDetail>(.checklist, "item.submit", .change)
  public static let approve = Route<ItemAction, ItemDetail>(.checklist, "item.approve", .change)
  public static let reject = Route<ItemAction, ItemDetail>(.checklist, "item.reject", .change)
  public static let withdraw = Route<ItemAction, ItemDetail>(.checklist, "item.withdraw", .change)
  public static let waive = Route<ItemAction, ItemDetail>(.checklist, "item.waive", .change)
  public static let markNotApplicable = Route<ItemAction, ItemDetail>(.checklist, "item.markNotApplicable", .change)
  public static let assign = Route<ItemAction, ItemDetail>(.checklist, "item.assign", .change)
  public static let attach = Route<ItemAction, ItemDetail>(.checklist, "item.attach", .change)
  public static let comment = Route<ItemAction, ItemDetail>(.checklist, "item.comment", .change)
  public static let readiness = Route<LaunchReference, ReadinessView>(.checklist, "readiness.show", .read)
  public static let board = Route<BoardReference, BoardView>(.checklist, "readiness.board", .read)
  public static let answerPoll = Route<PollAnswer, PollView>(.checklist, "poll.answer", .change)
  public static let showPoll = Route<LaunchReference, PollView>(.checklist, "poll.show", .read)
  public static let makeDecision = Route<DecisionRequest, DecisionView>(.checklist, "decision.make", .change)
  public static let confirmDecision = Route<LaunchAction, DecisionView>(.checklist, "decision.confirm", .change)
  public static let showDecision = Route<LaunchReference, DecisionView>(.checklist, "decision.show", .read)
  public static let checkGate = Route<LaunchReference, GateView>(.checklist, "gate.check", .read)
  public static let ship = Route<ExposureRequest, ExposureView>(.checklist, "exposure.ship", .change)
  public static let stage = Route<ExposureRequest, ExposureView>(.checklist, "exposure.stage", .change)
  public static let rollback = Route<ExposureRequest, ExposureView>(.checklist, "exposure.rollback", .change)
  public static let listTemplates = Route<NoParameters, TemplateList>(.checklist, "template.list", .read)
  public static let showTemplate = Route<VersionReference, ChecklistTemplate>(.checklist, "template.show", .read)
  public static let proposeTemplate = Route<TemplateProposal, TemplateProposalView>(
    .checklist, "template.propose", .change)
  public static let adoptTemplate = Route<AdoptTemplate, TemplateAdopted>(.checklist, "template.adopt", .change)
  public static let showRoster = Route<NoParameters, RosterView>(.checklist, "roster.show", .read)
  public static let adoptRoster = Route<AdoptRoster, RosterAdopted>(.checklist, "roster.adopt", .change)
}

/// Parameters of a method about one launch.
public struct LaunchReference: Codable, Sendable, Hashable {
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
  public var launch: LaunchID
  public var reason: String?

  public init(launch: LaunchID, reason: String? = nil) {
    self.launch = launch
    self.reason = reason
  }
}
