public import LaunchModel

/// The data of `ticket.opened`: a customer opened a ticket.
public struct TicketOpened: SignalPayload {
  public static let type = SignalType.ticketOpened
  public static let summary = "A customer opened a ticket."

  /// The ticket.
  public let ticket: String
  /// The customer's account.
  public let account: String
  /// Its subject; nil if the event omits it.
  public let subject: String?
  /// What the customer wrote; nil if the event omits it.
  public let body: String?
  /// The feature it is about; nil if the event omits it.
  public let feature: String?
  /// Its tags, which a plan may map to a feature; nil if the event omits them.
  public let tags: [String]?
  /// The channel it came in by, such as `chat`; nil if the event omits it.
  public let channel: String?
  /// The language it is written in; nil if the event omits it.
  public let locale: String?

  public init(_ fields: inout SignalReader) throws(EventError) {
    ticket = try fields.key("ticket", "The ticket.", example: "T-1042")
    account = try fields.key("account", "The customer's account.", example: "acme")
    subject = try fields.optionalText("subject", "Its subject.", example: "Where is the switch?")
    body = try fields.optionalText(
      "body", "What the customer wrote.", example: "I cannot find how to turn routing off.")
    feature = try fields.optionalKey("feature", "The feature it is about.", example: "smart-routing")
    tags = try fields.optionalKeys("tags", "Its tags, which a plan may map to a feature.", example: ["routing"])
    channel = try fields.optionalKey("channel", "The channel it came in by.", example: "chat")
    locale = try fields.optionalKey("locale", "The language it is written in.", example: "en")
  }
}

/// The data of `ticket.updated`: a ticket changed.
public struct TicketUpdated: SignalPayload {
  public static let type = SignalType.ticketUpdated
  public static let summary = "A ticket changed, or was merged into another; the latest attribution counts."

  /// The ticket.
  public let ticket: String
  /// The customer's account; nil if the event omits it.
  public let account: String?
  /// The feature it is about; nil if the event omits it.
  public let feature: String?
  /// Its current tags; nil if the event omits them.
  public let tags: [String]?
  /// The channel it came in by; nil if the event omits it.
  public let channel: String?
  /// Its status in the helpdesk, such as `solved`; nil if the event omits it.
  public let status: String?
  /// The ticket it was merged into; nil if it was not merged.
  public let mergedInto: String?

  public init(_ fields: inout SignalReader) throws(EventError) {
    ticket = try fields.key("ticket", "The ticket.", example: "T-1042")
    account = try fields.optionalKey("account", "The customer's account.", example: "acme")
    feature = try fields.optionalKey("feature", "The feature it is about.", example: "smart-routing")
    tags = try fields.optionalKeys("tags", "Its tags as they are now.", example: ["routing", "how-to"])
    channel = try fields.optionalKey("channel", "The channel it came in by.", example: "chat")
    status = try fields.optionalKey("status", "Its status in the helpdesk.", example: "solved")
    mergedInto = try fields.optionalKey("mergedInto", "The ticket it was merged into.", example: "T-1001")
  }
}

/// The data of `ticket.escalated`: a ticket went to a higher level of support.
public struct TicketEscalated: SignalPayload {
  public static let type = SignalType.ticketEscalated
  public static let summary = "A ticket went to a higher level of support."

  /// The ticket.
  public let ticket: String
  /// The level it went to, such as `tier-2`; nil if the event omits it.
  public let level: String?
  /// Why, in the producer's words; nil if the event omits it.
  public let reason: String?

  public init(_ fields: inout SignalReader) throws(EventError) {
    ticket = try fields.key("ticket", "The ticket.", example: "T-1042")
    level = try fields.optionalKey("level", "The level that it was escalated to.", example: "tier-2")
    reason = try fields.optionalText(
      "reason",
      "The reason, as the producer gives it.", example: "Routing loops between two teams.", isEmptyAllowed: false)
  }
}

extension TicketEvent {
  /// Creates the ticket data from a signal; nil for a signal that does not open or update a ticket.
  ///
  /// - Parameters:
  ///   - at: when it happened.
  ///   - offset: its offset in the log.
  ///   - storedAt: when the bus stored it.
  public init?(_ signal: Signal, at: Timestamp, offset: Int64, storedAt: Timestamp) {
    switch signal {
    case .ticketOpened(let ticket):
      self.init(
        ticket: ticket.ticket, at: at, offset: offset, storedAt: storedAt, opens: true, account: ticket.account,
        feature: ticket.feature, tags: ticket.tags, channel: ticket.channel)
    case .ticketUpdated(let ticket):
      self.init(
        ticket: ticket.ticket, at: at, offset: offset, storedAt: storedAt, opens: false, account: ticket.account,
        feature: ticket.feature, tags: ticket.tags, channel: ticket.channel, mergedInto: ticket.mergedInto)
    default: return nil
    }
  }
}

/// The scales that satisfaction is scored on.
public enum SatisfactionScale: String, Sendable, Hashable, CaseIterable {
  case thumbs
  case five = "1-5"
  case ten = "1-10"

  /// The scores on the scale; for thumbs 1 is up and 0 is down.
  public var range: ClosedRange<Double> {
    switch self {
    case .thumbs: 0...1
    case .five: 1...5
    case .ten: 1...10
    }
  }

  /// Whether a score on the scale counts as satisfied: thumbs up, 4 or 5 of 5, 8 or more of 10 (contract.md, section
  /// 6).
  public func isSatisfied(_ score: Double) -> Bool {
    switch self {
    case .thumbs: score >= 1
    case .five: score >= 4
    case .ten: score >= 8
    }
  }
}

/// The data of `csat.scored`: a customer scored how a ticket was handled.
public struct CSATScored: SignalPayload {
  public static let type = SignalType.csatScored
  public static let summary = "A customer scored how a ticket was handled; a ticket's latest score counts."

  /// The ticket.
  public let ticket: String
  /// The score on its scale; for thumbs 1 is up and 0 is down.
  public let score: Double
  /// The scale that the score is read by.
  public let scale: SatisfactionScale
  /// Who scored; nil if the event omits it.
  public let account: String?
  /// The feature it is about; nil if the event omits it.
  public let feature: String?
  /// The channel; scores are only compared within a channel; nil if the event omits it.
  public let channel: String?

  /// Whether the score counts as satisfied.
  public var isSatisfied: Bool { scale.isSatisfied(score) }

  public init(_ fields: inout SignalReader) throws(EventError) {
    ticket = try fields.key("ticket", "The ticket.", example: "T-1042")
    scale = try fields.choice("scale", "The scale of the score.", example: SatisfactionScale.five)
    score = try fields.score(
      "score", on: scale, "The score: up or down for thumbs, else a number on the scale.")
    account = try fields.optionalKey("account", "Who scored.", example: "acme")
    feature = try fields.optionalKey("feature", "The feature it is about.", example: "smart-routing")
    channel = try fields.optionalKey("channel", "The channel, within which scores are compared.", example: "chat")
  }
}
