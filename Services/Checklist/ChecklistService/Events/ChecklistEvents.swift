import ChecklistCore
import JSON
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

  private static let signals: [SignalType] = [.flagChanged, .articlePublished, .evidenceRecorded, .deployFinished]

  /// The types by which an item can be completed.
  static let completing = Set(signals.map(\.rawValue) + [Announcements.metricsSealed.name])

  /// The types that have an effect.
  static let subscriptions =
    launches.map(\.name) + signals.map(\.rawValue)
    + [
      Announcements.metricsSealed.name, Announcements.metricsAmended.name, Announcements.learningProposed.name,
    ]

  func apply() throws {
    if Self.launches.contains(where: { $0.name == event.type }) { return try takeLaunch() }
    switch event.type {
    case Announcements.metricsSealed.name, Announcements.metricsAmended.name: try takeSeal()
    case Announcements.learningProposed.name: try takeLearning()
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
    let calendars = LaunchCalendars(of: record.plan, from: context.calendars)
    let templates = TemplateTable(db: tx.db)
    guard let known = try LaunchTable(db: tx.db).load(launch) else {
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

  /// Keeps the seal, and lets it complete what it completes.
  private func takeSeal() throws {
    let sealed = try payload(MetricsSealed.self)
    let header = try header()
    guard let launch = LaunchID(header.launch), try LaunchTable(db: tx.db).load(launch) != nil else { return }
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
    let proposals = ProposalTable(db: tx.db)
    guard proposed.target == "template", try proposals.load(proposed.learning)?.adoptedAs == nil else { return }
    let view = TemplateProposalView(
      id: proposed.learning, learning: proposed.learning, text: proposed.text, launches: proposed.launches,
      change: proposed.change, proposedAt: header.at, proposedBy: header.by)
    try proposals.save(view)
    try tx.record(launch: TemplateChanges.subject, action: "template.propose", detail: view)
  }

  /// The rollout's flag in production is exposure.
  private func takeFlag() throws {
    guard event.data?["environment"]?.stringValue == "production", let flag = event.data?["flag"]?.stringValue else {
      return
    }
    guard let percentage = event.data?["percentage"]?.doubleValue, (0...100).contains(percentage) else {
      throw EventFault(code: "malformed-data", detail: "/data/percentage is a number from 0 to 100")
    }
    let reference = try signal().reference
    let at = try stored.occurredAt()
    for launch in try LaunchTable(db: tx.db).ids(flag: flag) {
      try context.change(tx).perform(launch) { state, moment in
        if let step = state.exposure.step(flagAt: at, percentage: percentage, event: reference, now: moment.now) {
          try ExposureChange(tx: tx).add(step, to: &state, at: moment)
        }
        return []
      }
    }
  }

  /// Lets the event complete, support or contradict the items that it concerns.
  private func absorb() throws {
    let signal = try signal()
    for launch in try concerned() {
      guard let state = try LaunchTable(db: tx.db).load(launch) else { continue }
      let plan = state.checklist.record.plan
      guard state.checklist.items.contains(where: { $0.bearing(of: signal, for: plan) != nil }) else { continue }
      try context.change(tx).perform(launch, by: signal.reference) { state, moment in
        state.checklist.absorb(signal, at: moment)
      }
    }
  }

  /// The launches that an event can be about: the one it names, else those of its feature or flag.
  private func concerned() throws -> [LaunchID] {
    let table = LaunchTable(db: tx.db)
    if let launch = event.data?["launch"]?.stringValue { return [LaunchID(launch)].compactMap(\.self) }
    if let feature = event.data?["feature"]?.stringValue { return try table.ids(feature: feature) }
    if let flag = event.data?["flag"]?.stringValue { return try table.ids(flag: flag) }
    return []
  }

  private func signal() throws -> Signal {
    var whole: [String: JSONValue] = [
      "id": .string(event.id), "source": .string(event.source), "type": .string(event.type),
      "data": event.data ?? .null,
    ]
    whole["subject"] = event.subject.map { .string($0) }
    return Signal(
      type: event.type, reference: "\(event.source) \(event.id)", at: try stored.occurredAt(), event: .object(whole))
  }
}
