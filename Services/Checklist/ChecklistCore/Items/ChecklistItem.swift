public import Contract
public import LaunchModel

/// One item of one launch's checklist, as it is stored.
///
/// It keeps the template item it was made from, so that editing the template never changes a running launch.
public struct ChecklistItem: Sendable, Hashable, Codable {
  /// The template item, as it was when the launch was instantiated.
  public var definition: TemplateItem
  /// The locale, segment or deal stage it was expanded for; nil where it was not expanded.
  public var instance: String?
  /// The day it is due, in its function's calendar.
  public var due: LocalDate
  /// As it was last set by a verb, an event or a change of the launch; `open` at first.
  public var state: ItemState
  /// Why it is in its state: the reason of a block, waiver, rejection, reopening or voiding.
  public var reason: String?
  /// Who is to do it; nil while nobody is assigned.
  public var owner: PersonID?
  /// The day it happened, which `strict` and shelf life are judged by.
  public var doneOn: LocalDate?
  /// Who took part, for items that record attendance, such as the demo.
  public var attended: [PersonID]
  /// What was attached, in the order of attaching; a change voids the approvals.
  public var evidence: [Evidence]
  /// Every approval and rejection that was given, also those no longer standing.
  public var approvals: [Approval]
  /// Who submitted or attached, and so cannot approve.
  public var authors: [PersonID]
  /// The acceptance that it is not done; nil while it is not waived.
  public var waiver: ItemWaiver?
  /// Why it does not concern the launch; nil while it does.
  public var exemption: Exemption?
  /// The state that `unblock` returns to.
  public var blockedFrom: ItemState?
  /// The state that it returns to when the facts need it again.
  public var voidedFrom: ItemState?
  /// When the newest event that was judged for it happened; older ones no longer change its state.
  public var signalAt: Timestamp?
  /// Counts its changes, from 1; a comment is none.
  public var version: Int

  /// Opens an item that nobody has touched, at version 1.
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

  /// Its key and instance.
  public var reference: ItemReference { ItemReference(key: definition.key, instance: instance) }

  /// How lists of names write it: `key`, or `key/instance`.
  public var name: String { reference.name }

  /// Whether it stands in the way of GO while it is not satisfied: items of after the launch never do.
  public var blocksGo: Bool { definition.gate == .blocking && definition.phase != .after && state != .voided }
}

/// The acceptance of an item that is not done.
public struct ItemWaiver: Sendable, Hashable, Codable {
  /// Why it is accepted as it is.
  public var reason: String
  /// Who waived it, as history writes it, which marks a claimed identity.
  public var by: String
  /// When it was waived.
  public var at: Timestamp
  /// The day on which the item is failing again; nil for never.
  public var until: LocalDate?

  public init(reason: String, by: String, at: Timestamp, until: LocalDate? = nil) {
    self.reason = reason
    self.by = by
    self.at = at
    self.until = until
  }

  /// Whether it holds on that day.
  public func holds(on day: LocalDate) -> Bool { until.map { day < $0 } ?? true }
}

/// The statement that an item does not concern this launch.
public struct Exemption: Sendable, Hashable, Codable {
  /// Why it does not concern the launch.
  public var reason: String
  /// Who said so, as history writes it, which marks a claimed identity.
  public var by: String
  /// When it was said.
  public var at: Timestamp
  /// Who outside the item's function agrees; nil while it is self-certified.
  public var verifiedBy: String?

  public init(reason: String, by: String, at: Timestamp, verifiedBy: String? = nil) {
    self.reason = reason
    self.by = by
    self.at = at
    self.verifiedBy = verifiedBy
  }
}

extension TemplateItem {
  /// The functions of which somebody must have attended (product.md, section 2): the demo is given to CS and to Support.
  var audience: [LaunchFunction] { key == "internal-demo" ? [.cs, .support] : [] }

  /// Whether it is not done without the person who executes what it documents, as a rollback.
  var needsExecutor: Bool { key == "rollback-procedure" }
}

extension ChecklistItem {
  /// Throws where the people that make the item what it is are missing; nothing is asked before there is a roster.
  func requirePeople(in context: ItemContext) throws(Problem) {
    guard let roster = context.roster else { return }
    let absent = definition.audience.filter { function in
      !attended.contains { roster.people[$0]?.functions.contains(function) ?? false }
    }
    guard absent.isEmpty else {
      let audience = definition.audience.map(\.title).joined(separator: " and ")
      throw Problem.unfit(
        "attended",
        "\(name) is for \(audience), and nobody of \(absent.map(\.title).joined(separator: " or ")) attended")
    }
    guard !definition.needsExecutor || executor(on: roster) != nil else {
      throw Problem.missing(
        "evidence",
        "\(name) needs the person who executes it, from the roster: name them in the text, or assign the item to them")
    }
  }

  /// Whom the texts name, by key or by whole name, else who owns the item; nil where nobody of those is on the roster.
  func executor(on roster: Roster) -> PersonID? {
    let texts = evidence.filter { $0.kind == .text }.map { words($0.value) }
    let named = roster.people.sorted { $0.key < $1.key }.first { key, person in
      let names = [key, person.name].map(words).filter { !$0.isEmpty }
      return texts.contains { text in names.contains { text.contains($0) } }
    }
    return named?.key ?? owner.flatMap { roster.people[$0] == nil ? nil : $0 }
  }

  private func words(_ text: String) -> [Substring] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "_" }
  }
}

extension ChecklistItem {
  /// The kinds of evidence that its template item asks for and that are not there yet.
  public var missingEvidence: [EvidenceKind] {
    definition.evidence.filter { kind in !evidence.contains { $0.kind == kind } }
  }

  /// Attaches evidence, which is a material change: standing approvals fall, and an approved item is in review again.
  mutating func attach(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String? {
    guard let piece = action.evidence else { throw Problem.missing("evidence", "attach needs a piece of evidence") }
    try add(piece, in: context)
    note(author: context.actor)
    let voided = voidApprovals(at: context.now, because: "the item changed: \(piece.kind.rawValue) attached")
    if state == .done, needsApproval {
      state = .inReview
      doneOn = nil
      reason = "evidence was attached after it was approved"
    }
    return "\(piece.kind.rawValue) \(piece.value)\(voided ? "; the approvals given before no longer stand" : "")"
  }

  /// Takes the evidence and the attendance that come with `done` or `submit`.
  mutating func take(_ action: ItemAction, in context: ItemContext) throws(Problem) {
    if let piece = action.evidence {
      try add(piece, in: context)
      note(author: context.actor)
    }
    guard let people = action.attended, !people.isEmpty else { return }
    try context.requireKnown(people, at: "/attended")
    attended = people
    evidence.removeAll { $0.kind == .attendance }
    evidence.append(
      Evidence(
        kind: .attendance, value: people.joined(separator: ", "), by: context.actor.description, at: context.now))
  }

  private mutating func add(_ piece: Evidence, in context: ItemContext) throws(Problem) {
    guard let value = piece.value.trimmedOrNil else {
      throw Problem.unfit("evidence/value", "a piece of evidence cannot be empty")
    }
    if piece.kind == .link, !value.contains("://") {
      throw Problem.unfit("evidence/value", "\"\(value)\" is no link; write it whole, as https://…")
    }
    if piece.kind == .digest, !Self.isDigest(value) {
      throw Problem.unfit("evidence/value", "a digest is sha256: and 64 hex digits")
    }
    if piece.kind == .event {
      throw Problem.unfit("evidence/kind", "events attach themselves; attach a link, a digest or a text")
    }
    evidence.append(Evidence(kind: piece.kind, value: value, by: context.actor.description, at: context.now))
  }

  /// Throws where the template asks for a kind of evidence, or the item for people, that are not there.
  func requireEvidence(in context: ItemContext) throws(Problem) {
    let missing = missingEvidence
    guard missing.isEmpty else {
      let kinds = missing.map(\.rawValue).joined(separator: ", ")
      let how = missing == [.attendance] ? "say who attended" : "attach it"
      throw Problem.missing("evidence", "\(name) needs evidence first: \(kinds); \(how)")
    }
    try requirePeople(in: context)
  }

  /// Remembers who made what is to be approved.
  mutating func note(author: Actor) {
    if !authors.contains(author.person) { authors.append(author.person) }
  }

  private static func isDigest(_ text: String) -> Bool {
    let digits = text.dropFirst("sha256:".count)
    return text.hasPrefix("sha256:") && digits.utf8.count == 64 && digits.allSatisfy(\.isHexDigit)
  }
}
