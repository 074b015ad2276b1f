import Contract
import LaunchModel

extension ChecklistItem {
  /// Attaches evidence, which is a material change: it voids standing approvals and returns an approved item to review.
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
  /// - Returns: whether any was standing.
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
      // A rejection that no longer stands is no longer the reason.
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

  /// Records who attended, instead of those recorded before.
  mutating func recordAttendance(of people: [PersonID], by source: String, at now: Timestamp) {
    attended = people
    attach(Evidence(kind: .attendance, value: people.joined(separator: ", "), by: source, at: now))
  }

  /// Forgets who took part, because what happens again is attended again. The evidence stays for the record.
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

  /// What is wrong with a piece of evidence; nil if it is what its kind says.
  static func fault(of piece: Evidence) -> String? {
    switch piece.kind {
    case .link where !piece.value.contains("://"):
      "\"\(piece.value)\" is not a link; give a full URL such as https://example.com/x"
    case .digest where !isDigest(piece.value):
      "\"\(piece.value)\" is not a digest; give sha256: followed by 64 hex digits"
    case .link, .digest, .text, .event, .attendance: nil
    }
  }

  /// Records who contributed to what is to be approved.
  mutating func recordAuthor(_ author: PersonID) {
    if !authors.contains(author) { authors.append(author) }
  }

  /// A digest as evidence has it. The services' own events carry the hexadecimal digits alone.
  static func evidenceForm(ofDigest text: String) -> String {
    isDigest("sha256:\(text)") ? "sha256:\(text)" : text
  }

  private static func isDigest(_ text: String) -> Bool {
    let digits = text.dropFirst("sha256:".count)
    return text.hasPrefix("sha256:") && digits.utf8.count == 64 && digits.allSatisfy(\.isHexDigit)
  }
}
