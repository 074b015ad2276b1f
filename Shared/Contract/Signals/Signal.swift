public import JSON

/// The event types that other systems publish about customers, tools and deployments (contract.md, section 4).
public enum SignalType: String, Sendable, Hashable, CaseIterable {
  case featureUsed = "dev.gonogo.signal.feature.used.v1"
  case accountActive = "dev.gonogo.signal.account.active.v1"
  case accountChanged = "dev.gonogo.signal.account.changed.v1"
  case articlePublished = "dev.gonogo.signal.article.published.v1"
  case articleViewed = "dev.gonogo.signal.article.viewed.v1"
  case articleRated = "dev.gonogo.signal.article.rated.v1"
  case searchMissed = "dev.gonogo.signal.search.missed.v1"
  case ticketOpened = "dev.gonogo.signal.ticket.opened.v1"
  case ticketUpdated = "dev.gonogo.signal.ticket.updated.v1"
  case ticketEscalated = "dev.gonogo.signal.ticket.escalated.v1"
  case csatScored = "dev.gonogo.signal.csat.scored.v1"
  case flagChanged = "dev.gonogo.signal.flag.changed.v1"
  case deployFinished = "dev.gonogo.signal.deploy.finished.v1"
  case evidenceRecorded = "dev.gonogo.signal.evidence.recorded.v1"
  case feedGap = "dev.gonogo.signal.feed.gap.v1"
  case feedFilled = "dev.gonogo.signal.feed.filled.v1"
}

/// The data of one signal type.
///
/// `init(_:)` is the single declaration of the type's fields: it reads them, and `SignalField.all(of:)` runs it to list
/// them with their rules for the published schemas.
public protocol SignalPayload: Sendable, Hashable {
  /// The event type whose data this is.
  static var type: SignalType { get }
  /// What happened, in one sentence, for the published schemas.
  static var summary: String { get }

  /// Reads the fields.
  ///
  /// - Throws: `EventError` with code `malformed-data`, naming the field, its value and the expected form. The consumer
  ///   then quarantines the event at once.
  init(_ fields: inout SignalReader) throws(EventError)
}

extension SignalPayload {
  /// Reads the data of an event.
  ///
  /// - Throws: `EventError` with code `malformed-data` if they do not fit.
  public init(data: JSONValue?) throws(EventError) {
    var reader = try SignalReader(Self.type, data: data)
    try self.init(&reader)
  }
}

/// Any signal, by its type.
public enum Signal: Sendable, Hashable {
  case featureUsed(FeatureUsed)
  case accountActive(AccountActive)
  case accountChanged(AccountChanged)
  case articlePublished(ArticlePublished)
  case articleViewed(ArticleViewed)
  case articleRated(ArticleRated)
  case searchMissed(SearchMissed)
  case ticketOpened(TicketOpened)
  case ticketUpdated(TicketUpdated)
  case ticketEscalated(TicketEscalated)
  case csatScored(CSATScored)
  case flagChanged(FlagChanged)
  case deployFinished(DeployFinished)
  case evidenceRecorded(EvidenceRecorded)
  case feedGap(FeedGap)
  case feedFilled(FeedFilled)

  /// Reads the data of a signal.
  ///
  /// - Throws: `EventError` with code `malformed-data` if the data do not fit the type.
  public init(_ type: SignalType, data: JSONValue?) throws(EventError) {
    var reader = try SignalReader(type, data: data)
    try self.init(&reader)
  }

  /// Returns a signal's data with every key as a string, for lookups by JSON Pointer.
  ///
  /// - Throws: `EventError` with code `malformed-data` if the data do not fit the type.
  public static func normalized(_ data: JSONValue?, as type: SignalType) throws(EventError) -> JSONValue {
    var reader = try SignalReader(type, data: data)
    _ = try Signal(&reader)
    return reader.normalizedData
  }

  init(_ reader: inout SignalReader) throws(EventError) {
    switch reader.type {
    case .featureUsed: self = .featureUsed(try FeatureUsed(&reader))
    case .accountActive: self = .accountActive(try AccountActive(&reader))
    case .accountChanged: self = .accountChanged(try AccountChanged(&reader))
    case .articlePublished: self = .articlePublished(try ArticlePublished(&reader))
    case .articleViewed: self = .articleViewed(try ArticleViewed(&reader))
    case .articleRated: self = .articleRated(try ArticleRated(&reader))
    case .searchMissed: self = .searchMissed(try SearchMissed(&reader))
    case .ticketOpened: self = .ticketOpened(try TicketOpened(&reader))
    case .ticketUpdated: self = .ticketUpdated(try TicketUpdated(&reader))
    case .ticketEscalated: self = .ticketEscalated(try TicketEscalated(&reader))
    case .csatScored: self = .csatScored(try CSATScored(&reader))
    case .flagChanged: self = .flagChanged(try FlagChanged(&reader))
    case .deployFinished: self = .deployFinished(try DeployFinished(&reader))
    case .evidenceRecorded: self = .evidenceRecorded(try EvidenceRecorded(&reader))
    case .feedGap: self = .feedGap(try FeedGap(&reader))
    case .feedFilled: self = .feedFilled(try FeedFilled(&reader))
    }
  }
}

extension SignalType {
  /// The declaration of the type's data.
  public var payload: any SignalPayload.Type {
    switch self {
    case .featureUsed: FeatureUsed.self
    case .accountActive: AccountActive.self
    case .accountChanged: AccountChanged.self
    case .articlePublished: ArticlePublished.self
    case .articleViewed: ArticleViewed.self
    case .articleRated: ArticleRated.self
    case .searchMissed: SearchMissed.self
    case .ticketOpened: TicketOpened.self
    case .ticketUpdated: TicketUpdated.self
    case .ticketEscalated: TicketEscalated.self
    case .csatScored: CSATScored.self
    case .flagChanged: FlagChanged.self
    case .deployFinished: DeployFinished.self
    case .evidenceRecorded: EvidenceRecorded.self
    case .feedGap: FeedGap.self
    case .feedFilled: FeedFilled.self
    }
  }
}
