public import LaunchModel

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
