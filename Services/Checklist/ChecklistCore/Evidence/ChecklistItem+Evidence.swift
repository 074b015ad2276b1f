import Contract
public import LaunchModel

extension ChecklistItem {
  /// Applies an event as evidence; returns nil if it changes nothing.
  ///
  /// A completing event makes the item done, unless the item needs approval, depends on items that are not satisfied,
  /// or lacks something it requires; the history then says what. A contradicting event reopens the item. Both are
  /// attached as evidence, which is a material change. An event that is older than the newest one applied, or than a
  /// person's confirmation that the item is done, is only attached.
  ///
  /// - Parameter awaited: the items it depends on that are not satisfied.
  public mutating func apply(
    _ event: EvidenceEvent, _ effect: EvidenceEffect, in launch: LaunchSituation, awaited: [String], now: Timestamp
  ) -> ItemStep? {
    guard state != .voided, state != .notApplicable,
      !evidence.contains(where: { $0.kind == .event && $0.value == event.reference })
    else { return nil }
    let from = state
    let isNewest = signalAt.map { $0 <= event.at } ?? true
    let isVouchedSince = vouchedAt.map { event.at < $0 } ?? false
    signalAt = max(signalAt ?? event.at, event.at)
    var notes: [String] = []
    switch effect {
    case .completes, .supports:
      let unknown = launch.roster.map { roster in event.people.filter { roster.people[$0] == nil } } ?? []
      let voided = attach(event, naming: unknown, on: launch.roster, now, &notes)
      if voided { notes.append("earlier approvals are void") }
      if effect == .completes, isNewest {
        complete(by: event, naming: unknown, in: launch, awaited: awaited, now, &notes)
      }
    case .contradicts:
      attachContrary(event, now)
      if isNewest, !isVouchedSince {
        contradict(event, now)
      } else {
        notes.append("it failed at \(event.at), before \(isNewest ? "the item was marked as done" : "a later event")")
      }
    }
    version += 1
    let detail = (["by event \(event.reference)"] + notes).joined(separator: "; ")
    return ItemStep(from: from, to: state, action: action(from: from, effect), detail: detail)
  }

  private func action(from: ItemState, _ effect: EvidenceEffect) -> String {
    if from == state { return "evidence" }
    return state == .done ? ItemVerb.done.rawValue : ItemVerb.reopen.rawValue
  }

  /// Makes the item done if it may be, and notes what is missing if not.
  ///
  /// - Parameter unknown: the people named by the event who are not on the roster.
  private mutating func complete(
    by event: EvidenceEvent, naming unknown: [PersonID], in launch: LaunchSituation, awaited: [String],
    _ now: Timestamp, _ notes: inout [String]
  ) {
    guard [.open, .inProgress, .blocked, .waived].contains(state) else { return }
    let day = event.text("on").flatMap { LocalDate($0) } ?? launch.zone.localDate(at: event.at)
    var missing = missingRequirements(on: day, in: launch)
    if !unknown.isEmpty { missing.append(.unknown(unknown)) }
    // The item shows what it lacks anyway, so only what this event lacks is recorded.
    let own = Set(missingRequirements(on: launch.today, in: launch))
    let unmet = missing.filter { !own.contains($0) }.map(\.text)
    let shown = TextLimit.remark.cutting(unmet.joined(separator: "; "))
    unmetByEvent = unmet.isEmpty ? nil : "\(shown) (event \(event.reference))"
    if needsApproval { notes.append("not done: it needs approval by \(requiredApprovers)") }
    if !awaited.isEmpty { notes.append("not done: it depends on \(awaited.joined(separator: ", "))") }
    if !missing.isEmpty { notes.append("not done: it lacks \(missing.map(\.text).joined(separator: "; "))") }
    guard !needsApproval, awaited.isEmpty, missing.isEmpty else { return }
    complete(on: day, at: now, roster: launch.roster)
  }

  /// Attaches an event with the evidence and the people that it names.
  ///
  /// People who are not on the roster are left out: they count as missing from this event only, not from later ones.
  ///
  /// - Returns: whether valid approvals have now been voided.
  private mutating func attach(
    _ event: EvidenceEvent, naming unknown: [PersonID], on roster: Roster?, _ now: Timestamp, _ notes: inout [String]
  ) -> Bool {
    attach(Evidence(kind: .event, value: event.reference, by: event.type, at: now))
    for piece in pieces(of: event, now) {
      if let fault = Self.fault(of: piece) {
        notes.append(fault)
      } else {
        attach(piece)
      }
    }
    let people = event.texts("attended")
    if !people.isEmpty, !people.contains(where: unknown.contains) {
      recordAttendance(of: people, by: event.reference, at: now)
    }
    func known(_ key: String) -> PersonID? { event.text(key).flatMap { unknown.contains($0) ? nil : $0 } }
    presenter = known("presenter") ?? presenter
    person = known("person") ?? person
    if let author = event.text("actor"), roster?.people[author] != nil {
      recordAuthor(author)
      if presenter == nil, definition.presumesPresenter, !people.isEmpty { presenter = author }
    }
    return recordMaterialChange("event \(event.reference) attached", at: now)
  }

  /// Attaches an event as evidence against the item.
  private mutating func attachContrary(_ event: EvidenceEvent, _ now: Timestamp) {
    attach(Evidence(kind: .event, value: event.reference, by: event.type, at: now, contrary: true))
    for var piece in pieces(of: event, now) where Self.fault(of: piece) == nil {
      piece.contrary = true
      attach(piece)
    }
  }

  private func pieces(of event: EvidenceEvent, _ now: Timestamp) -> [Evidence] {
    let values: [(EvidenceKind, String?)] = [
      (.link, event.text("url")), (.digest, event.text("digest").map(Self.evidenceForm)), (.text, event.text("text")),
    ]
    return values.compactMap { kind, value in
      value?.trimmedOrNil.map {
        Evidence(kind: kind, value: TextLimit.evidence.cutting($0), by: event.reference, at: now)
      }
    }
  }

  private mutating func contradict(_ event: EvidenceEvent, _ now: Timestamp) {
    let why = "contradicted by event \(event.reference)"
    if state == .done {
      _ = reopen(why, at: now)
    } else {
      voidApprovals(at: now, because: why)
      if state == .inReview { reason = why }
    }
  }
}

extension LaunchChecklist {
  /// Applies an event to every item that it is about.
  public mutating func apply(_ event: EvidenceEvent, at moment: LaunchMoment) -> [ItemEvent] {
    let situation = situation(at: moment)
    var events: [ItemEvent] = []
    for index in items.indices {
      guard let effect = items[index].effect(of: event, for: record.plan) else { continue }
      let awaited = awaited(by: items[index], at: moment)
      if let step = items[index].apply(event, effect, in: situation, awaited: awaited, now: moment.now) {
        events.append(ItemEvent(item: items[index].reference, step: step))
      }
    }
    return events
  }
}
