public import LaunchModel

/// What one event adds to the evidence that is kept event by event, as its stream is light.
public enum LightEvidence: Sendable, Hashable {
  case account(AccountChange)
  case ticket(TicketEvent)
  case score(SatisfactionScore)
  case vote(ArticleVote)
  case publication(ArticlePublication)

  /// Nil for events of heavy streams, which projections keep, and for what metrics do not know.
  public init?(_ event: Observation) {
    switch event.signal {
    case .accountChanged(let account, let state, let target):
      self = .account(
        AccountChange(account: account, at: event.at, offset: event.offset, state: state, mergedInto: target))
    case .ticketOpened(let ticket, let account, let about):
      self = .ticket(Self.ticket(ticket, event, opens: true, account: account, about))
    case .ticketUpdated(let ticket, let about, let target):
      self = .ticket(Self.ticket(ticket, event, opens: false, mergedInto: target, about))
    case .csatScored(let ticket, let isSatisfied, let account, let feature, let channel):
      self = .score(
        SatisfactionScore(
          ticket: ticket, at: event.at, offset: event.offset, storedAt: event.storedAt, isSatisfied: isSatisfied,
          account: account, feature: feature, channel: channel))
    case .articleRated(let article, let locale, let voter, let isHelpful):
      self = .vote(
        ArticleVote(
          article: article, locale: locale ?? "", voter: voter ?? event.identity, at: event.at, offset: event.offset,
          storedAt: event.storedAt, isHelpful: isHelpful))
    case .articlePublished(let article, let locale, let feature, let launch):
      self = .publication(
        ArticlePublication(
          article: article, locale: locale, at: event.at, offset: event.offset, storedAt: event.storedAt,
          feature: feature, launch: launch))
    case .featureUsed, .accountActive, .articleViewed, nil: return nil
    }
  }

  private static func ticket(
    _ ticket: String, _ event: Observation, opens: Bool, account: String? = nil, mergedInto: String? = nil,
    _ about: Signal.TicketStatement
  ) -> TicketEvent {
    TicketEvent(
      ticket: ticket, at: event.at, offset: event.offset, storedAt: event.storedAt, opens: opens, account: account,
      feature: about.feature, tags: about.tags, channel: about.channel, mergedInto: mergedInto)
  }
}
