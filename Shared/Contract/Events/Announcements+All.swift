public import LaunchModel

/// An announced event type, with its payload's type erased.
public struct Announcement: Sendable {
  /// The CloudEvents `type`, for example `dev.gonogo.launch.proposed.v1`.
  public let type: String
  /// The service that announces it.
  public let service: ServiceName
  /// The type of the event's data, apart from the `AnnouncementHeader`.
  public let payload: any (Codable & Sendable).Type
}

extension Announcements {
  /// Every event type that a service announces; a test compares this list with the declarations.
  public static let all: [Announcement] =
    from(
      .tiering, launchProposed, launchFactsChanged, launchRetiered, launchRescheduled, launchCancelled, launchPostponed,
      launchStatus, launchReconfirmed, policyAdopted, calendarChanged, noticeCancelledLive, noticeReconfirm)
    + from(
      .checklist, checklistInstantiated, checklistItem, checklistVote, decisionMade, decisionConfirmed, decisionStale,
      haltSet, haltLifted, exposureStarted, exposureStaged, exposureRolledBack, hypercareRoster, hypercareChecked,
      templateAdopted, rosterAdopted, noticeDue, noticeOverdue, noticeBlocked, noticeWaiverExpiring,
      noticeApprovalAsked, noticeMentioned, noticeStale)
    + from(
      .metrics, metricsSealed, metricsAmended, metricsVerdict, metricDefaultsAdopted, noticeSpike, noticeCSAT,
      noticeFeedSilent)
    + from(
      .review, reviewOpened, reviewClosed, reviewTopics, learningProposed, actionAdded, actionAssigned, actionDone,
      actionDropped, noticeReviewOpen, noticeActionDue, noticeActionOverdue)

  private static func from<each Payload: Codable & Sendable>(
    _ service: ServiceName, _ types: repeat EventType<each Payload>
  ) -> [Announcement] {
    var announcements: [Announcement] = []
    repeat announcements.append(announcement(of: each types, by: service))
    return announcements
  }

  private static func announcement<Payload>(
    of type: EventType<Payload>, by service: ServiceName
  ) -> Announcement {
    Announcement(type: type.name, service: service, payload: Payload.self)
  }
}
