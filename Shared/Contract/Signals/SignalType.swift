import LaunchModel

/// The types of event that other systems publish about customers, tools and deployments (contract.md, section 4).
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
}
