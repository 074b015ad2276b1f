public import JSON
public import LaunchModel

extension ChecklistRoutes {
  /// The record of each template item on the launches so far, and how those launches turned out.
  public static let templateRecord = Route<TemplateRecordRequest, TemplateRecord>(.checklist, "template.record", .read)
  /// The template changes that the items' records suggest.
  public static let suggestTemplate = Route<NoParameters, TemplateSuggestions>(.checklist, "template.suggest", .read)
  /// The effect that a template change would have had on the launches so far; stores nothing.
  public static let replayTemplate = Route<ReplayTemplate, TemplateReplay>(.checklist, "template.replay", .read)
}

/// Selects the items whose records to show.
public struct TemplateRecordRequest: Codable, Sendable, Hashable {
  /// The item's key, for example `load-test`; nil for all items.
  public var key: ItemKey?

  public init(key: ItemKey? = nil) { self.key = key }
}

/// The records of template items, and the launches that they are drawn from.
///
/// A launch is included once it has a decision or customers have had it; at most the latest 100 are.
public struct TemplateRecord: Codable, Sendable, Hashable {
  /// The launches, latest first.
  public var launches: [PastLaunch]
  /// The records of the items of the adopted template, in its order, followed by those of removed items.
  public var items: [ItemRecord]
  /// The sources that could not be reached, for example `metrics: did not answer`, so that outcomes are missing; empty
  /// if there are none.
  public var missing: [String]

  public init(launches: [PastLaunch], items: [ItemRecord], missing: [String] = []) {
    self.launches = launches
    self.items = items
    self.missing = missing
  }
}

/// A launch that the records are drawn from.
public struct PastLaunch: Codable, Sendable, Hashable {
  /// The launch's id.
  public var launch: LaunchID
  /// Its tier.
  public var tier: Tier
  /// The planned local date.
  public var date: LocalDate
  /// The local day on which customers first had it; nil if they never did.
  public var shippedOn: LocalDate?
  /// The outcome according to metrics; nil if the launch is not measured, or metrics could not be reached.
  public var outcome: LaunchOutcome?

  public init(
    launch: LaunchID, tier: Tier, date: LocalDate, shippedOn: LocalDate? = nil, outcome: LaunchOutcome? = nil
  ) {
    self.launch = launch
    self.tier = tier
    self.date = date
    self.shippedOn = shippedOn
    self.outcome = outcome
  }
}

/// How a launch turned out.
public struct LaunchOutcome: Codable, Sendable, Hashable {
  /// The keys of the metrics that met their targets, for example `adoption`.
  public var met: [String]
  /// The keys of the metrics that missed them, for example `adoption`.
  public var missed: [String]
  /// Whether an adoption metric missed its target.
  public var missedAdoption: Bool
  /// The tickets counted in the window of the first tickets metric; nil if there is no such metric, or it has no
  /// figure.
  public var tickets: Int?

  public init(met: [String], missed: [String], missedAdoption: Bool, tickets: Int? = nil) {
    self.met = met
    self.missed = missed
    self.missedAdoption = missedAdoption
    self.tickets = tickets
  }
}

/// The record of a template item on the launches that had it.
///
/// The counts are of launches: because the instances on one launch, such as an article in three languages, are not
/// independent, a launch counts once if any of its instances does.
public struct ItemRecord: Codable, Sendable, Hashable {
  /// The item's key in the template.
  public var key: ItemKey
  /// Whether the adopted template has the item.
  public var isCurrent: Bool
  /// The number of launches that had it; all counts are out of this number.
  public var launches: Int
  /// The number of its instances on them.
  public var instances: Int
  /// The number of launches on which it was done after its due day, or was overdue when customers got the launch.
  public var late: Int
  /// The number of launches on which it was waived.
  public var waived: Int
  /// The number of launches on which it was marked as not applicable.
  public var notApplicable: Int
  /// The number of launches on which it was reopened after it was done.
  public var reopened: Int
  /// The number of launches on which it was reopened within five business days before the launch date.
  public var reopenedLate: Int
  /// The number of launches on which it was rejected or blocked, or had evidence against it from an event.
  public var failed: Int
  /// The number of launches that it stopped: it was a reason for a NO-GO or hold while it was due or failing, or a GO
  /// became stale because of it.
  public var stopped: Int
  /// The number of launches that got a GO against the recommendation while it was a reason against GO.
  public var overridden: Int
  /// How long it took; nil if it was never done.
  public var leadTime: LeadTime?
  /// How the launches that had it turned out.
  public var followed: Followed
  /// Whether fewer than five launches had it, too few to judge the item.
  public var tooFew: Bool

  public init(key: ItemKey, isCurrent: Bool) {
    self.key = key
    self.isCurrent = isCurrent
    (launches, instances, late, waived, notApplicable) = (0, 0, 0, 0, 0)
    (reopened, reopenedLate, failed, stopped, overridden) = (0, 0, 0, 0, 0)
    followed = Followed()
    tooFew = true
  }

  /// The time that an item took on each launch, in business days of its function: from the start of work, or else from
  /// when the launch got the item, until it was first done. If a launch has several instances, the longest counts.
  public struct LeadTime: Codable, Sendable, Hashable {
    /// The number of launches on which it was done.
    public var n: Int
    /// The median.
    public var median: Double
    /// The lead time that sufficed on four out of five launches (nearest rank).
    public var high: Int

    public init(n: Int, median: Double, high: Int) {
      self.n = n
      self.median = median
      self.high = high
    }
  }

  /// How the launches with an item turned out, without implying that the item is the cause.
  public struct Followed: Codable, Sendable, Hashable {
    /// The number of launches with a verdict on at least one metric.
    public var measured: Int
    /// The number of measured launches that missed a target.
    public var missed: Int
    /// The number of measured launches on which the item was late, waived or overridden.
    public var troubled: Int
    /// The number of these troubled launches that missed a target.
    public var troubledMissed: Int
    /// The median number of tickets; nil if no launch has a figure.
    public var tickets: Double?

    public init() { (measured, missed, troubled, troubledMissed) = (0, 0, 0, 0) }
  }
}

/// The template changes that the items' records suggest.
public struct TemplateSuggestions: Codable, Sendable, Hashable {
  /// The number of launches that the records are drawn from.
  public var launches: Int
  /// The adopted version of the template, to which the changes apply.
  public var templateVersion: Int
  /// The suggestions, at most one for each item, in the template's order.
  public var suggestions: [TemplateSuggestion]
  /// The items, for example `load-test`, that fewer than five launches had in their present form, which is too few for
  /// a suggestion.
  public var tooFew: [ItemKey]

  public init(launches: Int, templateVersion: Int, suggestions: [TemplateSuggestion], tooFew: [ItemKey]) {
    self.launches = launches
    self.templateVersion = templateVersion
    self.suggestions = suggestions
    self.tooFew = tooFew
  }
}

/// A change that an item's record suggests.
public struct TemplateSuggestion: Codable, Sendable, Hashable {
  /// What the record shows.
  public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
    case neverHelped = "never-helped"
    /// Its due day leaves less time than the item takes in practice.
    case dueTooLate = "due-too-late"
    /// Its due day is much earlier than it needs to be.
    case dueTooEarly = "due-too-early"
    /// It is done so early that it has to be done again.
    case doneTooEarly = "done-too-early"
  }

  /// The item's key in the template.
  public var key: ItemKey
  /// What the record shows.
  public var kind: Kind
  /// The number of launches behind the suggestion: those that had the item with its present due rule and gate.
  public var n: Int
  /// The number of these on which it was late, or was reopened shortly before the launch, whichever the suggestion is
  /// about; otherwise 0.
  public var count: Int
  /// For an item that never helped: the upper 95% confidence bound on the share of launches on which it might still
  /// help; otherwise nil.
  public var atMost: Double?
  /// What was learned, as a sentence for `learning.add`.
  public var text: String
  /// The change in the form in which it can be proposed.
  public var change: TemplateChange

  public init(
    key: ItemKey, kind: Kind, n: Int, count: Int, atMost: Double? = nil, text: String, change: TemplateChange
  ) {
    self.key = key
    self.kind = kind
    self.n = n
    self.count = count
    self.atMost = atMost
    self.text = text
    self.change = change
  }
}

/// Replays a proposal or a change on the launches so far; exactly one of the two is given.
public struct ReplayTemplate: Codable, Sendable, Hashable {
  /// The proposal's id; nil exactly if `change` is given.
  public var proposal: String?
  /// A template change as written in its file; nil exactly if `proposal` is given.
  public var change: JSONValue?

  public init(proposal: String? = nil, change: JSONValue? = nil) {
    self.proposal = proposal
    self.change = change
  }
}

/// The effect that a template change would have had.
public struct TemplateReplay: Codable, Sendable, Hashable {
  /// The number of launches it was replayed on.
  public var launches: Int
  /// One entry for each item that the change adds, replaces or removes.
  public var items: [ItemReplay]
  /// Whether there are fewer than five launches, too few to judge the change.
  public var tooFew: Bool
  /// The sources that could not be reached, for example `metrics: did not answer`, so that outcomes are missing; empty
  /// if there are none.
  public var missing: [String]

  public init(launches: Int, items: [ItemReplay], tooFew: Bool, missing: [String] = []) {
    self.launches = launches
    self.items = items
    self.tooFew = tooFew
    self.missing = missing
  }
}

/// The effect that the change to one item would have had.
public struct ItemReplay: Codable, Sendable, Hashable {
  /// The kind of change to the item.
  public enum Change: String, Codable, Sendable, Hashable, CaseIterable {
    case added, replaced, removed
  }
  /// The data that a replay is based on.
  public enum Basis: String, Codable, Sendable, Hashable, CaseIterable {
    /// The recorded history of the item.
    case record
    /// The launches' dates alone, because no launch had the item.
    case dates
  }

  /// The item's key in the template.
  public var key: ItemKey
  /// The kind of change to it.
  public var change: Change
  /// The data that the replay is based on.
  public var basis: Basis
  /// The totals without the change; nil for an added item.
  public var before: Totals?
  /// The totals with the change; nil for a removed item.
  public var after: Totals?
  /// The result in a sentence, for example `On your last 14 launches this item would have stopped 3 …`.
  public var text: String
  /// The launches that have the item without or with the change, latest first.
  public var launches: [LaunchReplay]

  public init(
    key: ItemKey, change: Change, basis: Basis, before: Totals?, after: Totals?, text: String, launches: [LaunchReplay]
  ) {
    self.key = key
    self.change = change
    self.basis = basis
    self.before = before
    self.after = after
    self.text = text
    self.launches = launches
  }

  /// An item's effect on all launches.
  public struct Totals: Codable, Sendable, Hashable {
    /// The number of launches that the item applies to.
    public var launches: Int
    /// The number of these on which it is late.
    public var late: Int
    /// The number of these that it stops.
    public var stopped: Int
    /// The number of stopped launches with an outcome.
    public var stoppedMeasured: Int
    /// The number of stopped launches that missed an adoption target.
    public var stoppedMissedAdoption: Int
    /// The total number of business days that stopped launches wait for it.
    public var days: Int

    public init() { (launches, late, stopped, stoppedMeasured, stoppedMissedAdoption, days) = (0, 0, 0, 0, 0, 0) }
  }
}

/// An item on one launch, before and after a change.
public struct LaunchReplay: Codable, Sendable, Hashable {
  /// The launch's id.
  public var launch: LaunchID
  /// The planned local date.
  public var date: LocalDate
  /// The effect without the change; nil if the launch does not have the item.
  public var before: Effect?
  /// The effect with the change; nil if the launch would not have the item.
  public var after: Effect?
  /// The keys of the metrics that missed their targets, for example `adoption`; nil if the outcome is not known.
  public var missed: [String]?

  public init(launch: LaunchID, date: LocalDate, before: Effect?, after: Effect?, missed: [String]?) {
    self.launch = launch
    self.date = date
    self.before = before
    self.after = after
    self.missed = missed
  }

  /// The effect of an item on a launch.
  public struct Effect: Codable, Sendable, Hashable {
    /// The day it is due.
    public var due: LocalDate
    /// Whether it is done after that day, or not at all.
    public var late: Bool
    /// Whether it stops the launch.
    public var stops: Bool
    /// The number of business days that the launch waits for it; 0 if the item does not stop it.
    public var days: Int

    public init(due: LocalDate, late: Bool, stops: Bool, days: Int) {
      self.due = due
      self.late = late
      self.stops = stops
      self.days = days
    }
  }
}
