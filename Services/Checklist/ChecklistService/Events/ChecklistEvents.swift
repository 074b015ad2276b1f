import ChecklistCore
import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit

/// The effect of each event that the checklist acts on; events never call anybody.
struct ChecklistEvents {
  let stored: StoredEvent
  let event: CloudEvent
  let tx: ServiceTransaction
  let context: ChecklistContext

  init(_ stored: StoredEvent, _ tx: ServiceTransaction, _ context: ChecklistContext) throws {
    self.stored = stored
    self.tx = tx
    self.context = context
    event = try stored.event()
  }

  private static let launches = [
    Announcements.launchProposed, Announcements.launchFactsChanged, Announcements.launchRetiered,
    Announcements.launchRescheduled, Announcements.launchCancelled, Announcements.launchPostponed,
  ]

  static let signals: [SignalType] = [.flagChanged, .articlePublished, .evidenceRecorded, .deployFinished]

  /// The types by which an item can be completed.
  static let completing = Set(signals.map(\.rawValue) + [Announcements.metricsSealed.name])

  /// The types that have an effect.
  static let subscriptions =
    launches.map(\.name) + signals.map(\.rawValue)
    + [
      Announcements.metricsSealed.name, Announcements.metricsAmended.name, Announcements.learningProposed.name,
      Announcements.calendarChanged.name,
    ]

  func apply() throws {
    if Self.launches.contains(where: { $0.name == event.type }) { return try takeLaunch() }
    if let type = Self.signals.first(where: { $0.rawValue == event.type }) { try requireForm(of: type) }
    switch event.type {
    case Announcements.metricsSealed.name, Announcements.metricsAmended.name: try takeSeal()
    case Announcements.learningProposed.name: try takeLearning()
    case Announcements.calendarChanged.name: try takeCalendar()
    case SignalType.flagChanged.rawValue:
      try takeFlag()
      try absorb()
    default: try absorb()
    }
  }

  private func payload<Payload: Decodable>(_ type: Payload.Type) throws -> Payload {
    try JSONCoding.decode(type, from: event.data ?? .null)
  }

  private func header() throws -> AnnouncementHeader { try payload(AnnouncementHeader.self) }

  /// Instantiates a launch that is new here, or recomputes one that is known by an earlier version.
  private func takeLaunch() throws {
    let record = try payload(LaunchAnnounced.self).record
    let launch = record.plan.launch
    let by = try header().by
    let calendars = LaunchCalendars(of: record.plan, from: try context.calendars.book(tx.db))
    let templates = TemplateRepository(db: tx.db)
    guard let known = try LaunchRepository(db: tx.db).load(launch) else {
      let checklist = LaunchChecklist(of: record, from: try templates.require(), in: calendars)
      try context.change(tx).begin(
        LaunchState(checklist: checklist, decisions: DecisionHistory([]), exposure: Exposure([])))
      try tx.announce(
        Announcements.checklistInstantiated, launch: launch.rawValue, version: record.version,
        ChecklistInstantiated(
          templateVersion: checklist.templateVersion, items: checklist.items.map(\.reference)))
      return
    }
    guard record.version > known.checklist.record.version else { return }
    let template = try templates.require(known.checklist.templateVersion)
    try context.change(tx).perform(launch, by: by, reason: try header().reason) { state, _ in
      state.checklist.update(to: record, template: template, in: calendars)
    }
  }

  /// Keeps an adopted calendar, and counts the due days of the launches that work by it anew.
  private func takeCalendar() throws {
    let changed = try payload(CalendarChanged.self)
    guard let document = changed.document, let version = changed.calendarVersion else { return }
    let calendar = try CalendarDocument(reading: document)
    guard try context.calendars.keep(calendar, version: version, tx.db) else { return }
    let book = try context.calendars.book(tx.db)
    let header = try header()
    for launch in try LaunchRepository(db: tx.db).running() {
      guard let state = try LaunchRepository(db: tx.db).load(launch) else { continue }
      let plan = state.checklist.record.plan
      guard plan.names(calendar: calendar.key) else { continue }
      let template = try TemplateRepository(db: tx.db).require(state.checklist.templateVersion)
      try context.change(tx).perform(launch, by: header.by, reason: header.reason) { state, _ in
        state.checklist.update(
          to: state.checklist.record, template: template, in: LaunchCalendars(of: plan, from: book))
      }
    }
  }

  /// Keeps the seal, and lets it complete what it completes.
  private func takeSeal() throws {
    let sealed = try payload(MetricsSealed.self)
    let header = try header()
    guard let launch = LaunchID(header.launch), try LaunchRepository(db: tx.db).load(launch) != nil else { return }
    let signal = try signal()
    try context.change(tx).perform(launch, by: header.by, reason: header.reason) { state, moment in
      state.checklist.seal = Seal(
        digest: sealed.digest, sealedAt: state.checklist.seal?.sealedAt ?? header.at)
      return state.checklist.absorb(signal, at: moment)
    }
  }

  /// Stores what a learning proposes, unless that was adopted already.
  private func takeLearning() throws {
    let proposed = try payload(LearningProposed.self)
    let header = try header()
    let proposals = TemplateProposalRepository(db: tx.db)
    guard proposed.target == "template", try proposals.load(proposed.learning)?.adoptedAs == nil else { return }
    let view = TemplateProposalView(
      id: proposed.learning, learning: proposed.learning, text: proposed.text, launches: proposed.launches,
      change: proposed.change, proposedAt: header.at, proposedBy: header.by)
    try proposals.save(view)
    try tx.record(launch: TemplateChanges.subject, action: "template.propose", detail: view)
  }
}
