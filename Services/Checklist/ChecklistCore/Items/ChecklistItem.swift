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
  /// The person assigned; nil if nobody is.
  public var owner: PersonID?
  /// The day it happened, which `strict` and shelf life are judged by.
  public var doneOn: LocalDate?
  /// Who took part, for items that record attendance, such as the demo.
  public var attended: [PersonID]
  /// The evidence in the order it was attached; attaching more voids the approvals.
  public var evidence: [Evidence]
  /// Every approval and rejection, including those that no longer stand.
  public var approvals: [Approval]
  /// The people who submitted it or attached evidence and so cannot approve it.
  public var authors: [PersonID]
  /// The decision to accept it undone; nil if it is not waived.
  public var waiver: ItemWaiver?
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

  /// Its key and instance.
  public var reference: ItemReference { ItemReference(key: definition.key, instance: instance) }

  /// Its name in messages: `key` or `key/instance`.
  public var name: String { reference.name }

  /// Whether it blocks GO until it is satisfied; items due after the launch never do.
  public var blocksGo: Bool { definition.gate == .blocking && definition.phase != .after && state != .voided }
}

/// The acceptance of an item that is not done.
public struct ItemWaiver: Sendable, Hashable, Codable {
  /// Why it is waived.
  public var reason: String
  /// Who waived it, as shown in histories, with a claimed identity marked.
  public var by: String
  /// When it was waived.
  public var at: Timestamp
  /// The day from which the item is failing again; nil if the waiver does not expire.
  public var until: LocalDate?

  public init(reason: String, by: String, at: Timestamp, until: LocalDate? = nil) {
    self.reason = reason
    self.by = by
    self.at = at
    self.until = until
  }

  /// Whether the waiver is in force on a day.
  public func holds(on day: LocalDate) -> Bool { until.map { day < $0 } ?? true }
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

extension TemplateItem {
  /// The functions that must each have an attendee (product.md, section 2): the demo is given to CS and Support.
  var requiredAttendees: [LaunchFunction] { key == "internal-demo" ? [.cs, .support] : [] }

  /// Whether it must name the person who executes what it documents, such as a rollback.
  var needsExecutor: Bool { key == "rollback-procedure" }
}

extension ChecklistItem {
  /// Throws if a required attendee or the executor is missing; nothing is required before a roster is adopted.
  func requirePeople(in context: ItemContext) throws(Problem) {
    guard let roster = context.roster else { return }
    let absent = definition.requiredAttendees.filter { function in
      !attended.contains { roster.people[$0]?.functions.contains(function) ?? false }
    }
    guard absent.isEmpty else {
      let required = definition.requiredAttendees.map(\.title).joined(separator: " and ")
      throw Problem.unfit(
        "attended",
        "\(name) needs attendees from \(required); nobody attended from "
          + absent.map(\.title).joined(separator: " or ")
      )
    }
    guard !definition.needsExecutor || executor(on: roster) != nil else {
      throw Problem.missing(
        "evidence",
        "\(name) must name who executes it: name someone on the roster in the text, or assign the item to them")
    }
  }

  /// The person on the roster whom the text evidence names, by key or full name, else the item's owner; nil if neither
  /// is on the roster.
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
  /// The kinds of evidence that the template item requires and that are not attached yet.
  public var missingEvidence: [EvidenceKind] {
    definition.evidence.filter { kind in !evidence.contains { $0.kind == kind } }
  }

  /// Attaches evidence, which is a material change: it voids standing approvals and returns an approved item to review.
  mutating func attach(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String? {
    guard let piece = action.evidence else {
      throw Problem.missing("evidence", "attach needs evidence: a link, a digest or text")
    }
    try add(piece, in: context)
    recordAuthor(context.actor)
    let voided = voidApprovals(at: context.now, because: "the item changed: \(piece.kind.rawValue) attached")
    if state == .done, needsApproval {
      state = .inReview
      doneOn = nil
      reason = "evidence was attached after it was approved"
    }
    return "\(piece.kind.rawValue) \(piece.value)\(voided ? "; earlier approvals are void" : "")"
  }

  /// Records the evidence and the attendance given with `done` or `submit`.
  mutating func recordEvidence(of action: ItemAction, in context: ItemContext) throws(Problem) {
    if let piece = action.evidence {
      try add(piece, in: context)
      recordAuthor(context.actor)
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
      throw Problem.unfit("evidence/value", "evidence cannot be empty")
    }
    if piece.kind == .link, !value.contains("://") {
      throw Problem.unfit("evidence/value", "\"\(value)\" is not a link; give a full URL such as https://example.com/x")
    }
    if piece.kind == .digest, !Self.isDigest(value) {
      throw Problem.unfit("evidence/value", "\"\(value)\" is not a digest; give sha256: followed by 64 hex digits")
    }
    if piece.kind == .event {
      throw Problem.unfit("evidence/kind", "events are attached automatically; attach a link, a digest or text instead")
    }
    evidence.append(Evidence(kind: piece.kind, value: value, by: context.actor.description, at: context.now))
  }

  /// Throws if evidence or people that the item requires are missing.
  func requireEvidence(in context: ItemContext) throws(Problem) {
    let missing = missingEvidence
    guard missing.isEmpty else {
      let kinds = missing.map(\.rawValue).joined(separator: ", ")
      let fix = missing == [.attendance] ? "name who attended (--attended)" : "attach it first"
      throw Problem.missing("evidence", "\(name) lacks required evidence: \(kinds); \(fix)")
    }
    try requirePeople(in: context)
  }

  /// Records who contributed to what is to be approved.
  mutating func recordAuthor(_ author: Actor) {
    if !authors.contains(author.person) { authors.append(author.person) }
  }

  private static func isDigest(_ text: String) -> Bool {
    let digits = text.dropFirst("sha256:".count)
    return text.hasPrefix("sha256:") && digits.utf8.count == 64 && digits.allSatisfy(\.isHexDigit)
  }
}
