public import Contract
public import LaunchModel

/// One item of one launch's checklist, as it is stored.
///
/// It contains a copy of the template item it was created from, so that editing the template never changes a running
/// launch.
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
  /// Whether `owner` is the default owner, whom nobody assigned; nil if `owner` was assigned or is nil.
  public var hasDefaultOwner: Bool?
  /// The day on which the work was done; `strict` and the shelf life are judged by it.
  public var doneOn: LocalDate?
  /// When it became done; nil if it is not done, or became done before this field existed.
  public var completedAt: Timestamp?
  /// The moment as of which a person confirmed that it is done: contradicting events that happened earlier no longer
  /// reopen it. Nil if nobody confirmed it.
  public var vouchedAt: Timestamp?
  /// Who took part, for items that record attendance, such as the demo.
  public var attended: [PersonID]
  /// Who presented, for items that record attendance; does not count as attending. Nil if nobody is named.
  public var presenter: PersonID?
  /// The person whom the item requires, such as the one who executes a rollback; nil if nobody is named.
  public var person: PersonID?
  /// The person who executes what the item documents, as determined when it last became done: the person named or else,
  /// in older items, the person found in its text or its owner. Nil if the item requires nobody, or became done before
  /// this field existed or before a roster was adopted.
  public var executedBy: PersonID?
  /// What kept the newest event about the item from completing it, such as people who are not on the roster, if the
  /// item itself does not show it; nil otherwise.
  public var unmetByEvent: String?
  /// The evidence that has not been replaced, in the order of attachment. Attaching more voids the approvals.
  public var evidence: [Evidence]
  /// The number of pieces ever attached; nil if it equals `evidence.count`.
  private var attachedEver: Int?
  /// Every approval and rejection, including those that are no longer valid.
  public var approvals: [Approval]
  /// The review rounds; nil if there are none, as in items older than this field.
  private var reviewRounds: [ReviewRound]?
  /// The people who submitted it or attached evidence; they cannot approve it.
  public var authors: [PersonID]
  /// The acceptance of the item although it is not done; nil if it is not waived.
  public var waiver: ItemWaiver?
  /// The pending request to waive it; nil if there is none or it was answered.
  public var waiverRequest: WaiverRequest?
  /// Why it does not apply to the launch; nil if it does.
  public var exemption: Exemption?
  /// The state that `unblock` restores.
  public var blockedFrom: ItemState?
  /// The state from before the item was voided, restored when the facts require it again.
  public var voidedFrom: ItemState?
  /// When the newest event considered for the item happened; older events no longer change its state.
  public var signalAt: Timestamp?
  /// The item's version, incremented by every change except a comment; from 1.
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

  /// The number of pieces of evidence ever attached, including replaced ones; it is also the number of the latest
  /// piece.
  public var attached: Int { attachedEver ?? evidence.count }

  /// The review rounds since the item was last reopened after completion, oldest first.
  public var rounds: [ReviewRound] {
    get { reviewRounds ?? [] }
    set { reviewRounds = newValue.isEmpty ? nil : newValue }
  }

  /// The item without its evidence, which is stored separately so that changes of an item with much evidence stay
  /// small.
  public var withoutEvidence: ChecklistItem {
    var item = self
    item.attachedEver = attached == 0 ? nil : attached
    item.evidence = []
    return item
  }

  /// Attaches a piece of evidence. It replaces earlier pieces of its kind if the kind keeps only the latest.
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

  /// Whether it blocks GO until it is satisfied; always false for items due after the launch.
  public var blocksGo: Bool { definition.gate == .blocking && definition.phase != .after && state != .voided }
}

extension EvidenceKind {
  /// Whether a new piece of this kind replaces earlier ones, as attendance does; pieces of other kinds accumulate.
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
  /// Who outside the item's function agreed; nil if only the item's own function says so.
  public var verifiedBy: String?

  public init(reason: String, by: String, at: Timestamp, verifiedBy: String? = nil) {
    self.reason = reason
    self.by = by
    self.at = at
    self.verifiedBy = verifiedBy
  }
}

extension ChecklistItem {
  /// Attaches evidence, which is a material change: it voids valid approvals and returns an approved item to review.
  mutating func attach(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String? {
    guard let piece = action.evidence else {
      throw Problem.missing("evidence", "attach needs evidence: a link, a digest or text")
    }
    try add(piece, in: context)
    recordAuthor(context.actor.person)
    let voided = recordMaterialChange("\(piece.kind.rawValue) attached", at: context.now)
    return "\(piece.kind.rawValue) \(piece.value)\(voided ? "; earlier approvals are void" : "")"
  }

  /// Voids approvals and rejections because evidence was attached, and returns an approved item to review.
  ///
  /// - Returns: whether any approval or rejection was valid until now.
  mutating func recordMaterialChange(_ change: String, at now: Timestamp) -> Bool {
    let voided = voidApprovals(at: now, because: "the item changed: \(change)")
    if state == .done, needsApproval {
      state = .inReview
      doneOn = nil
      completedAt = nil
      vouchedAt = nil
      reason = "evidence was attached after it was approved"
      askForApprovals(at: now)
    } else if state == .inReview {
      // A voided rejection is no longer the reason for the item's state.
      reason = nil
      if voided { askForApprovals(at: now) }
    }
    return voided
  }

  /// Records the evidence and the people given with `done` or `submit`.
  mutating func recordEvidence(of action: ItemAction, in context: ItemContext) throws(Problem) {
    if let piece = action.evidence {
      try add(piece, in: context)
      recordAuthor(context.actor.person)
    }
    if let name = action.presenter?.trimmedOrNil {
      try context.requireKnown([name], at: "/presenter")
      presenter = name
    }
    if let name = action.person?.trimmedOrNil {
      try context.requireKnown([name], at: "/person")
      person = name
    }
    guard let people = action.attended, !people.isEmpty else { return }
    try context.requireKnown(people, at: "/attended")
    if presenter == nil, definition.presumesPresenter, context.roster != nil { presenter = context.actor.person }
    recordAttendance(of: people, by: context.actor.description, at: context.now)
  }

  /// Records who attended, replacing earlier records.
  mutating func recordAttendance(of people: [PersonID], by source: String, at now: Timestamp) {
    attended = people
    attach(Evidence(kind: .attendance, value: people.joined(separator: ", "), by: source, at: now))
  }

  /// Clears attendance, because the event will be repeated and attended again. The evidence is kept for the record.
  mutating func forgetAttendance() {
    attended = []
    presenter = nil
  }

  private mutating func add(_ piece: Evidence, in context: ItemContext) throws(Problem) {
    guard piece.value.trimmedOrNil != nil else {
      throw Problem.unfit("evidence/value", "evidence cannot be empty")
    }
    if piece.kind == .event {
      throw Problem.unfit("evidence/kind", "events are attached automatically; attach a link, a digest or text instead")
    }
    if let fault = Self.fault(of: piece) { throw Problem.unfit("evidence/value", fault) }
    attach(
      Evidence(
        kind: piece.kind, value: piece.value.trimmedOrNil ?? "", by: context.actor.description, at: context.now))
  }

  /// SHA-256 of no bytes (FIPS 180-4).
  private static let emptyDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  /// Returns why a piece of evidence does not match its kind, or shows nothing; nil if it is evidence.
  static func fault(of piece: Evidence) -> String? {
    switch piece.kind {
    case .link where !piece.value.contains("://"):
      "\"\(piece.value)\" is not a link; give a full URL such as https://example.com/x"
    case .digest where !isDigest(piece.value):
      "\"\(piece.value)\" is not a digest; give sha256: followed by 64 hex digits"
    case .digest where piece.value.lowercased() == emptyDigest:
      "the digest is that of an empty file, which shows nothing"
    case .link, .digest, .text, .event, .attendance: nil
    }
  }

  /// Records the author of something that is to be approved.
  mutating func recordAuthor(_ author: PersonID) {
    if !authors.contains(author) { authors.append(author) }
  }

  /// Returns a digest in the form that evidence uses. The services' own events contain only the hexadecimal digits.
  static func evidenceForm(ofDigest text: String) -> String {
    isDigest("sha256:\(text)") ? "sha256:\(text)" : text
  }

  private static func isDigest(_ text: String) -> Bool {
    let digits = text.dropFirst("sha256:".count)
    return text.hasPrefix("sha256:") && digits.utf8.count == 64 && digits.allSatisfy(\.isHexDigit)
  }
}
