import ChecklistCore
import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit

/// Handles announcements from tiering, metrics and review, and the signals that complete items. Handlers call no other
/// service.
struct ChecklistEventHandlers {
  let context: ChecklistContext

  func register(on events: inout EventRouter) {
    events.on(anyOf: Announcements.launchRecords, updateLaunch)
    events.on(Announcements.launchStatus, updateStatus)
    events.on(Announcements.launchReconfirmed, updateConfirmation)
    events.on(Announcements.calendarChanged, updateCalendar)
    events.on(Announcements.policyAdopted, updateBookingReasons)
    events.on(anyOf: [Announcements.metricsSealed, Announcements.metricsAmended], recordSeal)
    events.on(Announcements.rosterAdopted, checkDecisions)
    events.on(Announcements.learningProposed, storeProposal)
    events.on([.flagChanged, .articlePublished, .deployFinished, .evidenceRecorded], batch: applySignals)
  }

  /// The event types that a completion rule may name: those whose handlers apply evidence.
  static let completingTypes: Set<String> = [
    FlagChanged.type.rawValue, ArticlePublished.type.rawValue, DeployFinished.type.rawValue,
    EvidenceRecorded.type.rawValue, Announcements.metricsSealed.name,
  ]

  // MARK: Launches

  /// Creates the checklist of a new launch, or updates that of a launch that has changed.
  private func updateLaunch(_ event: Received<Announced<LaunchAnnounced>>, _ tx: ServiceTransaction) throws {
    let (record, header) = (event.content.payload.record, event.content.header)
    let launch = record.plan.launch
    let calendars = LaunchCalendars(of: record.plan, from: try context.calendars.all(tx.db))
    let templates = TemplateRepository(db: tx.db)
    guard let known = try LaunchRepository(db: tx.db).load(launch) else {
      let checklist = LaunchChecklist(
        of: record, from: try templates.require(), in: calendars, roster: context.environment.roster)
      try context.change(tx).begin(
        LaunchState(checklist: checklist, decisions: DecisionHistory([]), exposure: Exposure([])))
      try tx.announce(
        Announcements.checklistInstantiated, launch: launch.rawValue, version: record.version,
        ChecklistInstantiated(
          templateVersion: checklist.templateVersion, items: checklist.items.map(\.reference)))
      return
    }
    guard record.isNewer(than: known.checklist.record) else { return }
    let template = try templates.require(known.checklist.templateVersion)
    try context.change(tx).perform(launch, by: header.by, reason: header.reason) { state, moment in
      state.checklist.update(to: record, template: template, in: calendars, roster: moment.roster)
    }
  }

  /// Records a launch's status, which is not part of its versions. A closed launch disappears from the board.
  private func updateStatus(_ event: Received<Announced<LaunchStatusChanged>>, _ tx: ServiceTransaction) throws {
    let (header, launch) = (event.content.header, try event.content.launch())
    guard let state = try LaunchRepository(db: tx.db).load(launch) else { return }
    let status = event.content.payload.status
    guard state.checklist.record.status != status else { return }
    try context.change(tx).perform(launch, by: header.by, reason: header.reason) { state, _ in
      state.checklist.record.status = status
      return []
    }
  }

  /// Records that a launch's date was confirmed, which is not part of its versions either.
  private func updateConfirmation(
    _ event: Received<Announced<LaunchReconfirmed>>, _ tx: ServiceTransaction
  ) throws {
    let (header, launch) = (event.content.header, try event.content.launch())
    guard try LaunchRepository(db: tx.db).load(launch) != nil else { return }
    try context.change(tx).perform(launch, by: header.by, reason: header.reason) { state, _ in
      state.checklist.record.confirmation = event.content.payload.confirmation
      return []
    }
  }

  /// Stores an adopted calendar and recomputes the due dates of the launches that use it.
  private func updateCalendar(_ event: Received<Announced<CalendarChanged>>, _ tx: ServiceTransaction) throws {
    let (changed, header) = (event.content.payload, event.content.header)
    guard let document = changed.document, let version = changed.calendarVersion else { return }
    let calendar = try CalendarDocument(reading: document)
    guard try context.calendars.save(calendar, version: version, tx.db) else { return }
    let calendars = try context.calendars.all(tx.db)
    for launch in try LaunchRepository(db: tx.db).running() {
      guard let state = try LaunchRepository(db: tx.db).load(launch) else { continue }
      let plan = state.checklist.record.plan
      guard plan.names(calendar: calendar.key) else { continue }
      let template = try TemplateRepository(db: tx.db).require(state.checklist.templateVersion)
      try context.change(tx).perform(launch, by: header.by, reason: header.reason) { state, moment in
        state.checklist.update(
          to: state.checklist.record, template: template, in: LaunchCalendars(of: plan, from: calendars),
          roster: moment.roster)
      }
    }
  }

  /// Checks each current GO against a new roster, on which people that an item must name may be missing. A GO that
  /// becomes stale stays so, even if the next roster has them again.
  private func checkDecisions(_ event: Received<Announced<RosterAdopted>>, _ tx: ServiceTransaction) throws {
    let header = event.content.header
    var change = context.change(tx)
    change.adopting = event.content.payload.document
    for launch in try LaunchRepository(db: tx.db).watched() {
      try change.perform(launch.launch, by: header.by, reason: header.reason) { _, _ in [] }
    }
  }

  /// Stores which double bookings the adopted policy treats as reasons against GO.
  private func updateBookingReasons(_ event: Received<Announced<DocumentAdopted>>, _ tx: ServiceTransaction) throws {
    let (adopted, bookings) = (event.content.payload, BookingRepository(db: tx.db))
    let kinds = BookingRule.reasons(in: adopted.document)
    guard try Set(bookings.reasons()) != Set(kinds) else { return }
    try bookings.setReasons(kinds, version: adopted.documentVersion)
    try tx.record(
      launch: BookingRepository.reasonsSubject, action: "policy.bookings", detail: ["kinds": kinds.map(\.rawValue)],
      reason: event.content.header.reason)
  }

  // MARK: Metrics and learnings

  /// Records the seal, and completes the items that wait for it.
  private func recordSeal(_ event: Received<Announced<MetricsSealed>>, _ tx: ServiceTransaction) throws {
    let (header, launch) = (event.content.header, try event.content.launch())
    guard try LaunchRepository(db: tx.db).load(launch) != nil else { return }
    let evidence = try EvidenceEvent(event)
    try context.change(tx).perform(launch, by: header.by, reason: header.reason) { state, moment in
      state.checklist.seal = Seal(
        digest: event.content.payload.digest, sealedAt: state.checklist.seal?.sealedAt ?? header.at)
      return state.checklist.apply(evidence, at: moment)
    }
  }

  /// Stores the template change that a learning proposes, unless it has been adopted already.
  private func storeProposal(_ event: Received<Announced<LearningProposed>>, _ tx: ServiceTransaction) throws {
    let (proposed, header) = (event.content.payload, event.content.header)
    let proposals = TemplateProposalRepository(db: tx.db)
    guard proposed.target == LearningTarget.template.rawValue, let change = proposed.change,
      try proposals.load(proposed.learning)?.adoptedAs == nil
    else { return }
    let view = TemplateProposalView(
      id: proposed.learning, learning: proposed.learning, text: proposed.text, launches: proposed.launches,
      change: change, proposedAt: header.at, proposedBy: header.by)
    try proposals.save(view)
    try tx.record(launch: TemplateChanges.subject, action: "template.propose", detail: view)
  }

  // MARK: Signals

  /// Applies signals in the order of the log. A launch is loaded only once, even if several signals are about it.
  private func applySignals(_ signals: [Received<Signal>], _ tx: ServiceTransaction) throws {
    var launches = LaunchBatch(context.change(tx))
    for event in signals {
      switch event.content {
      case .flagChanged(let change): try changeFlag(change, event, &launches, tx)
      case .articlePublished(let article):
        try apply(event, launch: article.launch, feature: article.feature, &launches, tx)
      case .deployFinished(let deploy):
        try apply(event, launch: deploy.launch, feature: deploy.feature, &launches, tx)
      case .evidenceRecorded(let evidence): try apply(event, launch: evidence.launch, &launches, tx)
      default: break
      }
    }
    try launches.finish()
  }

  /// Records exposure if the rollout's flag changed in production, and applies the event as evidence.
  private func changeFlag(
    _ change: FlagChanged, _ event: Received<Signal>, _ launches: inout LaunchBatch, _ tx: ServiceTransaction
  ) throws {
    let governed = try LaunchRepository(db: tx.db).ids(flag: change.flag)
    if change.environment == "production" {
      for launch in governed {
        try launches.perform(launch) { state, moment in
          if let step = state.exposure.step(
            flagAt: event.at, percentage: change.percentage, event: event.reference, now: moment.now)
          {
            try ExposureChange(tx: tx).add(step, to: &state, at: moment)
          }
          return []
        }
      }
    }
    try apply(event, to: governed, &launches, tx)
  }

  /// Applies an event as evidence to the launch that it names or, if it names none, to the feature's launches.
  private func apply(
    _ event: Received<Signal>, launch: String?, feature: String? = nil, _ launches: inout LaunchBatch,
    _ tx: ServiceTransaction
  ) throws {
    if let launch {
      // A launch that is not known here may belong to another installation, or may be proposed later, so it is not an
      // error.
      try apply(event, to: [LaunchID(launch)].compactMap(\.self), &launches, tx)
    } else if let feature {
      try apply(event, to: try LaunchRepository(db: tx.db).ids(feature: feature), &launches, tx)
    }
  }

  private func apply(
    _ event: Received<Signal>, to ids: [LaunchID], _ launches: inout LaunchBatch, _ tx: ServiceTransaction
  ) throws {
    let evidence = try EvidenceEvent(event)
    for launch in ids {
      if !launches.holds(launch) { try LaunchRepository(db: tx.db).requireItem(of: evidence, in: launch) }
      guard let checklist = try launches.state(of: launch)?.checklist else { continue }
      try checklist.requireItem(of: evidence)
      let plan = checklist.record.plan
      guard checklist.items.contains(where: { $0.effect(of: evidence, for: plan) != nil }) else { continue }
      try launches.perform(launch, by: evidence.reference) { state, moment in
        state.checklist.apply(evidence, at: moment)
      }
    }
  }
}

extension EvidenceEvent {
  /// Creates the event in the form in which completion rules look at its data.
  fileprivate init(_ received: Received<some Sendable>) throws(EventError) {
    let event = received.event
    var document: [String: JSONValue] = [
      "id": .string(event.id), "source": .string(event.source), "type": .string(event.type),
      "data": try received.stored.normalizedData(),
    ]
    document["subject"] = event.subject.map { .string($0) }
    self.init(type: event.type, reference: received.reference, at: received.at, document: .object(document))
  }
}
