public import Contract
public import LaunchModel

/// One item of one launch's checklist, as it is stored.
///
/// It contains the template item it was created from, so that editing the template never changes a running launch.
public struct ChecklistItem: Sendable, Hashable, Codable {
  /// The template item, as it was when the launch was instantiated.
  public var definition: TemplateItem
  /// The locale, segment or deal stage it was expanded for; nil if it was not expanded.
  public var instance: String?
  /// The day it is due, in its function's calendar.
  public var due: LocalDate
  /// The state last set by a verb, an event or a change of the launch; initially `open`.
  public var state: ItemState
  /// Why it is in its state: the reason for a block, waiver, rejection, reopening or voiding.
  public var reason: String?
  /// The person assigned, or the default owner; nil if there is neither.
  public var owner: PersonID?
  /// Whether `owner` is the default owner, whom nobody assigned; nil if not.
  public var hasDefaultOwner: Bool?
  /// The day it happened, which `strict` and shelf life are judged by.
  public var doneOn: LocalDate?
  /// When it became done; nil if it is not, or became so before this field existed.
  public var completedAt: Timestamp?
  /// The moment for which a person vouched that it is done: contrary events that happened before it no longer reopen
  /// it. Nil if nobody did.
  public var vouchedAt: Timestamp?
  /// Who took part, for items that record attendance, such as the demo.
  public var attended: [PersonID]
  /// Who presented, for items that record attendance; does not count as attending. Nil if nobody is named.
  public var presenter: PersonID?
  /// The person that the item asks for, such as who executes a rollback; nil if nobody is named.
  public var person: PersonID?
  /// Who executes what the item documents, as found when it last became done: the person named, else the one in its text,
  /// else its owner. Nil if it asks for nobody, or became done before this field existed or before there was a roster.
  public var executedBy: PersonID?
  /// What kept the newest event about the item from completing it and cannot be seen in the item itself, such as people
  /// who are not on the roster; nil if nothing did.
  public var unmetByEvent: String?
  /// The evidence that stands, in the order it was attached; attaching more voids the approvals.
  public var evidence: [Evidence]
  /// How many pieces were ever attached; nil for as many as stand.
  private var attachedEver: Int?
  /// Every approval and rejection, including those that no longer stand.
  public var approvals: [Approval]
  /// Nil for none, as in items from before rounds were recorded.
  private var reviewRounds: [ReviewRound]?
  /// The people who submitted it or attached evidence and so cannot approve it.
  public var authors: [PersonID]
  /// The decision to accept it undone; nil if it is not waived.
  public var waiver: ItemWaiver?
  /// The request to waive it; nil if there is none, or it was answered.
  public var waiverRequest: WaiverRequest?
  /// Why it does not apply to the launch; nil if it does.
  public var exemption: Exemption?
  /// The state that `unblock` returns to.
  public var blockedFrom: ItemState?
  /// The state it returns to when the facts require it again.
  public var voidedFrom: ItemState?
  /// The occurrence time of the newest event considered for it; older ones no longer change its state.
  public var signalAt: Timestamp?
  /// The number of its changes, from 1; comments do not count.
  public var version: Int

  /// Creates an open item at version 1.
  public init(definition: TemplateItem, instance: String?, due: LocalDate) {
    self.definition = definition
    self.instance = instance
    self.due = due
    state = .open
    attended = []
    evidence = []
    approvals = []
    authors = []
    version = 1
  }

  /// How many pieces of evidence were ever attached, including those replaced since: the number of the latest one.
  public var attached: Int { attachedEver ?? evidence.count }

  /// The rounds in which its approvals were asked for, oldest first, since it was last reopened after it was complete.
  public var rounds: [ReviewRound] {
    get { reviewRounds ?? [] }
    set { reviewRounds = newValue.isEmpty ? nil : newValue }
  }

  /// The item without its evidence, which is stored beside it, so that a change of an item with much evidence stays small.
  public var withoutEvidence: ChecklistItem {
    var item = self
    item.attachedEver = attached == 0 ? nil : attached
    item.evidence = []
    return item
  }

  /// Attaches a piece of evidence; it replaces the earlier ones of a kind of which only the latest stands.
  mutating func attach(_ piece: Evidence) {
    attachedEver = attached + 1
    if piece.kind.standsAlone { evidence.removeAll { $0.kind == piece.kind } }
    evidence.append(piece)
  }

  /// Its key and instance.
  public var reference: ItemReference { ItemReference(key: definition.key, instance: instance) }

  /// Its name in messages: `key` or `key/instance`.
  public var name: String { reference.name }

  /// Its title, with the instance that it was expanded for: `Talking points: evaluation`.
  public var title: String { instance.map { "\(definition.title): \($0)" } ?? definition.title }

  /// The person whom somebody assigned; nil if the owner is only the default one.
  public var assignee: PersonID? { hasDefaultOwner == true ? nil : owner }

  /// Whether it blocks GO until it is satisfied; items due after the launch never do.
  public var blocksGo: Bool { definition.gate == .blocking && definition.phase != .after && state != .voided }
}

extension EvidenceKind {
  /// Whether only the latest piece of the kind stands; those of all other kinds stand beside each other.
  public var standsAlone: Bool { self == .attendance }
}

/// The statement that an item does not apply to the launch.
public struct Exemption: Sendable, Hashable, Codable {
  /// Why it does not apply.
  public var reason: String
  /// Who marked it, as shown in histories, with a claimed identity marked.
  public var by: String
  /// When it was marked.
  public var at: Timestamp
  /// Who outside the item's function agreed; nil while it is self-certified.
  public var verifiedBy: String?

  public init(reason: String, by: String, at: Timestamp, verifiedBy: String? = nil) {
    self.reason = reason
    self.by = by
    self.at = at
    self.verifiedBy = verifiedBy
  }
}
