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

extension ItemReference {
  /// `key`, or `key/instance`.
  public var name: String { instance.map { "\(key)/\($0)" } ?? key }
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
