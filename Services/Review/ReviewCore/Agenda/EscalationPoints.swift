import LaunchModel

extension AgendaView.EscalationPoint {
  /// The escalations of a window that are attributable to the launch: one point for each ticket, its latest escalation.
  static func points(_ escalations: [Escalation], of tickets: AttributedTickets, in window: AttemptWindow) -> [Self] {
    var latest: [String: Escalation] = [:]
    for escalation in escalations where window.contains(escalation.place.at) {
      guard let ticket = tickets.ticket(escalation.ticket) else { continue }
      if let known = latest[ticket.id], escalation.place < known.place { continue }
      latest[ticket.id] = escalation
    }
    return latest.sorted { ($0.value.place, $0.key) < ($1.value.place, $1.key) }.map { id, escalation in
      AgendaView.EscalationPoint(
        id: PointID.escalation(id), ticket: id, account: tickets.ticket(id)?.opening.account, level: escalation.level,
        reason: escalation.reason, at: escalation.place.at)
    }
  }
}
