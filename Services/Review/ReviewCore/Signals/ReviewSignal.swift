public import JSON
public import Contract
public import LaunchModel

/// One signal as reviews read it (contract.md, section 4).
public enum ReviewSignal: Sendable, Hashable {
  case ticket(TicketEvent)
  case escalated(Escalation)
  case scored(SatisfactionScore)
  case voted(ArticleVote)
  case searched(MissedSearch)
  case account(AccountChange)
  /// An article that was published, with the feature and the launch that it names.
  case published(article: String, feature: String?, launch: String?)

  /// By how many seconds a signal's time may be ahead of the bus's clock (product.md, section 4).
  public static let tolerance: Int64 = 300

  /// Reads a signal; nil where reviews do not look at its type.
  ///
  /// - Throws: where a required field is missing, a field has the wrong form, or the time is in the future.
  public init?(
    _ type: SignalType, data: JSONValue?, place: SignalPlace, storedAt: Timestamp
  ) throws(SignalFault) {
    guard Self.read.contains(type) else { return nil }
    guard place.at <= storedAt.adding(seconds: Self.tolerance) else {
      throw SignalFault(
        code: "future-time",
        detail: "time \(place.at) is more than 5 minutes after the event was stored at \(storedAt)")
    }
    try self.init(SignalReader(type: type, data: data, place: place, storedAt: storedAt))
  }

  /// The types that reviews look at.
  public static let read: Set<SignalType> = [
    .ticketOpened, .ticketUpdated, .ticketEscalated, .csatScored, .articleRated, .articlePublished, .searchMissed,
    .accountChanged,
  ]

  private init?(_ reader: SignalReader) throws(SignalFault) {
    switch reader.type {
    case .ticketOpened, .ticketUpdated: self = .ticket(try reader.ticketEvent())
    case .ticketEscalated:
      self = .escalated(
        Escalation(
          ticket: try reader.text("ticket"), place: reader.place, level: try reader.optionalText("level"),
          reason: try reader.optionalText("reason")))
    case .csatScored: self = .scored(try reader.score())
    case .articleRated:
      self = .voted(
        ArticleVote(
          article: try reader.text("article"), locale: try reader.optionalText("locale"),
          voter: try reader.optionalText("voter"), isUp: try reader.choice("rating", ["up": true, "down": false]),
          place: reader.place))
    case .articlePublished:
      self = .published(
        article: try reader.text("article"), feature: try reader.optionalText("feature"),
        launch: try reader.optionalText("launch"))
    case .searchMissed:
      self = .searched(
        MissedSearch(
          query: try reader.text("query"), locale: try reader.optionalText("locale"), at: reader.place.at))
    case .accountChanged:
      self = .account(
        AccountChange(
          account: try reader.text("account"), state: try reader.text("state"),
          mergedInto: try reader.optionalText("mergedInto"), place: reader.place))
    default: return nil
    }
  }
}

/// Why a signal cannot be counted: the event's own fault.
public struct SignalFault: Error, Sendable, Hashable {
  /// `malformed-data` or `future-time`.
  public var code: String
  /// What is wrong with which field, in a sentence for the producer.
  public var detail: String
}
