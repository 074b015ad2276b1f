import Contract
public import LaunchModel

extension ChecklistItem {
  /// Lets an event have its effect; nil where it has none.
  ///
  /// The event is the evidence. One that completes it makes it done, unless people have to approve it or it awaits others;
  /// one that contradicts it reopens it. Events older than the newest that was judged only add evidence.
  public mutating func absorb(
    _ signal: Signal, _ bearing: SignalEffect, on day: LocalDate, isAwaiting: Bool, now: Timestamp
  ) -> ItemStep? {
    guard state != .voided, state != .notApplicable, !evidence.contains(where: { $0.value == signal.reference }) else {
      return nil
    }
    let from = state
    let isNewest = signalAt.map { $0 <= signal.at } ?? true
    signalAt = max(signalAt ?? signal.at, signal.at)
    switch bearing {
    case .completes, .supports:
      keep(signal, now)
      let mayComplete = bearing == .completes && isNewest && !needsApproval && !isAwaiting
      if mayComplete, [.open, .inProgress, .blocked, .waived].contains(state) { complete(on: day) }
    case .contradicts:
      guard isNewest else { return nil }
      contradict(signal, now)
    }
    version += 1
    let action = from == state ? "evidence" : state == .done ? ItemVerb.done.rawValue : ItemVerb.reopen.rawValue
    return ItemStep(from: from, to: state, action: action, detail: "by event \(signal.reference)")
  }

  private mutating func keep(_ signal: Signal, _ now: Timestamp) {
    evidence.append(Evidence(kind: .event, value: signal.reference, by: signal.type, at: now))
    if let url = signal.text("url") {
      evidence.append(Evidence(kind: .link, value: url, by: signal.reference, at: now))
    }
    if let digest = signal.text("digest") {
      evidence.append(Evidence(kind: .digest, value: digest, by: signal.reference, at: now))
    }
  }

  private mutating func contradict(_ signal: Signal, _ now: Timestamp) {
    let why = "contradicted by event \(signal.reference)"
    if state == .done { _ = reopen(why, at: now) } else { voidApprovals(at: now, because: why) }
  }
}

extension LaunchChecklist {
  /// Lets an event have its effect on every item that it concerns.
  public mutating func absorb(_ signal: Signal, at moment: LaunchMoment) -> [ItemEvent] {
    let day = moment.zone.localDate(at: signal.at)
    var events: [ItemEvent] = []
    for index in items.indices {
      guard let bearing = items[index].bearing(of: signal, for: record.plan) else { continue }
      let isAwaiting = !awaited(by: items[index], at: moment).isEmpty
      if let step = items[index].absorb(signal, bearing, on: day, isAwaiting: isAwaiting, now: moment.now) {
        events.append(ItemEvent(item: items[index].reference, step: step))
      }
    }
    return events
  }
}
