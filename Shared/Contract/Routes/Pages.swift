import JSON

/// Selects a page of a list or history, in addition to the method's own parameters.
public struct PageRequest: Codable, Sendable, Hashable {
  /// The maximum number of entries in the page, from 1 to 10,000; default as many as fit into an answer.
  public var limit: Int?
  /// The `next` of the previous page, for example `500`; nil for the first page.
  public var next: String?

  public init(limit: Int? = nil, next: String? = nil) {
    self.limit = limit
    self.next = next
  }
}

/// A list or history that is returned in pages, limited by `limit` and by the size of an answer.
public protocol PagedResult: Codable, Sendable {
  associatedtype Entry: Codable & Sendable
  /// The JSON member that holds the entries, for example `links`.
  static var entriesKey: String { get }
  /// The entries of the page.
  var pageEntries: [Entry] { get set }
  /// The parameter for the next page, for example `500`; nil on the last one.
  var next: String? { get set }
}

extension AuditTrail: PagedResult {
  public static let entriesKey = "links"
  public var pageEntries: [AuditLink] {
    get { links }
    set { links = newValue }
  }
}

extension LaunchHistory: PagedResult {
  public static let entriesKey = "entries"
  public var pageEntries: [HistoryEntry] {
    get { entries }
    set { entries = newValue }
  }
}

extension ItemList: PagedResult {
  public static let entriesKey = "items"
  public var pageEntries: [ItemView] {
    get { items }
    set { items = newValue }
  }
}

extension MyItemList: PagedResult {
  public static let entriesKey = "items"
  public var pageEntries: [MyItem] {
    get { items }
    set { items = newValue }
  }
}

extension BoardView: PagedResult {
  public static let entriesKey = "launches"
  public var pageEntries: [ReadinessView] {
    get { launches }
    set { launches = newValue }
  }
}

extension ReviewList: PagedResult {
  public static let entriesKey = "reviews"
  public var pageEntries: [ReviewView] {
    get { reviews }
    set { reviews = newValue }
  }
}

extension ActionList: PagedResult {
  public static let entriesKey = "actions"
  public var pageEntries: [ActionView] {
    get { actions }
    set { actions = newValue }
  }
}

extension LearningList: PagedResult {
  public static let entriesKey = "learnings"
  public var pageEntries: [LearningView] {
    get { learnings }
    set { learnings = newValue }
  }
}

extension ReferenceReport: PagedResult {
  public static let entriesKey = "faults"
  public var pageEntries: [ReferenceFault] {
    get { faults }
    set { faults = newValue }
  }
}

extension HoldingsReport: PagedResult {
  public static let entriesKey = "people"
  public var pageEntries: [PersonHoldings] {
    get { people }
    set { people = newValue }
  }
}
