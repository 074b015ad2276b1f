public import LaunchModel

/// One approval or rejection of an item.
public struct Approval: Sendable, Hashable, Codable {
  /// Which of the two it is.
  public enum Verdict: String, Sendable, Hashable, Codable {
    case approved, rejected
  }

  /// An approval counts towards the group's quorum; a rejection blocks the item while it stands.
  public var verdict: Verdict
  /// The group it was given for.
  public var group: String
  /// Who gave it; one person counts once.
  public var person: PersonID
  /// The person as history writes it, which marks a claimed identity.
  public var by: String
  /// Whether the transport proved the identity, rather than another principal claiming it.
  public var isProven: Bool
  /// When it was given, on the service's clock.
  public var at: Timestamp
  /// What the person wrote beside it; nil for nothing.
  public var note: String?
  /// When it was withdrawn, or a change of the item voided it; nil while it stands.
  public var endedAt: Timestamp?
  /// Why it no longer stands.
  public var ended: String?

  public init(
    verdict: Verdict, group: String, person: PersonID, by: String, isProven: Bool, at: Timestamp, note: String? = nil
  ) {
    self.verdict = verdict
    self.group = group
    self.person = person
    self.by = by
    self.isProven = isProven
    self.at = at
    self.note = note
  }

  /// Whether it was neither withdrawn nor voided.
  public var stands: Bool { endedAt == nil }
}
