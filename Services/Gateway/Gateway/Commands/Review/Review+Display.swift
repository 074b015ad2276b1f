import Contract
import LaunchModel

extension ReviewView: Displayable {
  func display(on page: inout Page) {
    page.heading("Review of \(launch), attempt \(attempt)")
    page.fields([
      "State": Text(state.rawValue, state == .open ? .warning : .plain),
      "Opens": Text("\(opensOn)\(openedAt.map { ", opened \($0.short)" } ?? "")"),
      "Closed": closedAt.map { Text("\($0.short) by \(closedBy ?? "-")") },
      "Invited": invited.isEmpty ? nil : Text(invited.map(\.title).joined(separator: ", ")),
      "Attended": attended.isEmpty ? nil : Text(attended.joined(separator: ", ")),
      "Absent": absent.isEmpty ? nil : Text(absent.map(\.title).joined(separator: ", "), .warning),
      "Without": closedWithout.map { Text($0.text, .warning) },
      "Digest": digest.map { Text($0.shortDigest, .faint) },
    ])
    page.section("Explanations", explanations.sorted { $0.key < $1.key }.map { Text("\($0.key): \($0.value)") })
    page.section("Outcomes", outcomes.sorted { $0.key < $1.key }.map { Text("\($0.key): \($0.value)") })
    if !actions.isEmpty {
      page.heading("Actions")
      page.actions(actions)
    }
    if !learnings.isEmpty {
      page.heading("Learnings")
      page.learnings(learnings)
    }
  }
}

extension ClosingOmission {
  /// The unavailable parts with the reason, for example `metrics, plan: the host was lost`.
  fileprivate var text: String { "\(parts.map(\.rawValue).joined(separator: ", ")): \(reason)" }
}

extension ReviewList: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .left("launch"), .right("attempt"), .left("state"), .left("opens"), .right("actions"), .right("learnings"),
      ],
      whenEmpty: "no reviews")
    table.rows = reviews.map { review in
      [
        Text(review.launch), Text(review.attempt), Text(review.state.rawValue), Text(review.opensOn),
        Text(review.actions.count), Text(review.learnings.count),
      ]
    }
    page.table(table)
  }
}

extension ActionView: Displayable {
  func display(on page: inout Page) { page.actions([self]) }
}

extension OutreachAdded: Displayable {
  func display(on page: inout Page) { page.actions(actions) }
}

extension ReassignedActions: Displayable {
  func display(on page: inout Page) { page.actions(actions) }
}

extension ActionList: Displayable {
  func display(on page: inout Page) { page.actions(actions) }
}

extension LearningView: Displayable {
  func display(on page: inout Page) { page.learnings([self]) }
}

extension LearningList: Displayable {
  func display(on page: inout Page) { page.learnings(learnings) }
}

extension Page {
  fileprivate mutating func actions(_ actions: [ActionView]) {
    var table = Table(
      columns: [
        .left("action"), .left("launch"), .left("state"), .left("owner"), .left("due"), .flexible("text"),
        .flexible("outcome"),
      ], whenEmpty: "no actions")
    table.rows = actions.map { action in
      [
        Text(action.id), Text(action.launch), Text(action.state.rawValue), Text(action.owner),
        Text(action.due?.description ?? "-", action.overdue ? .bad : .plain), Text(action.text),
        Text(action.outcome ?? ""),
      ]
    }
    self.table(table)
  }

  fileprivate mutating func learnings(_ learnings: [LearningView]) {
    var table = Table(
      columns: [.left("learning"), .left("launch"), .left("by"), .left("became"), .flexible("text")],
      whenEmpty: "no learnings")
    table.rows = learnings.map { learning in
      let document = (learning.target ?? .template).title
      let proposed = learning.target == .template ? "proposal" : "\(document) proposal"
      let became = learning.adoptedAs.map { "\(document) \($0)" } ?? (learning.proposedAt == nil ? "-" : proposed)
      return [Text(learning.id), Text(learning.launch), Text(learning.by), Text(became), Text(learning.text)]
    }
    self.table(table)
  }
}

extension AgendaView: Displayable {
  func display(on page: inout Page) {
    page.heading("Agenda of the review of \(launch), \(opensOn) (\(state.rawValue))")
    page.heading("1  Metrics")
    page.metrics(
      metrics.map(\.metric),
      explanations: metrics.compactMap { point in point.explanation.map { Text("\(point.metric.key): \($0)") } })
    page.bullets(metrics.compactMap { point in point.draft.map { Text("Draft, not yet accepted: \($0)", .warning) } })
    page.points(
      "2  Questions and issues",
      topics.map { topic in
        let accounts = topic.accounts.map { ", \(counted($0, "account"))" } ?? ""
        let article = topic.articleMatch.map { ", answered by \($0)" } ?? ", no article"
        return Self.point(
          topic.id, "\(topic.label): \(counted(topic.count, "ticket")) (\(topic.share.percent))\(accounts)\(article)",
          topic.outcome)
      })
    if let tickets, let ticketsElsewhere, ticketsElsewhere > 0 {
      page.bullets([Text("\(ticketsElsewhere) of \(counted(tickets, "ticket")) in smaller topics or none", .faint)])
    }
    page.points(
      "3  Knowledge gaps",
      knowledgeGaps.map { gap in
        // The topic is listed once, above, so the gap only refers to it.
        gap.topic.map { Text("\(gap.text): see [\($0)]", .faint) } ?? Self.point(gap.id, gap.text, gap.outcome)
      })
    page.points(
      "4  Escalations",
      escalations.map { escalation in
        let about = [escalation.account, escalation.level, escalation.reason].compactMap(\.self).joined(separator: ", ")
        return Self.point(escalation.id, "\(escalation.ticket) \(about)", escalation.outcome)
      })
    page.points(
      "5  Customers to call",
      customers.map { customer in
        Self.point(customer.id, "\(customer.account): \(customer.reasons.joined(separator: ", "))", customer.outcome)
      })
    page.points(
      "6  The path to GO",
      readiness.map { point in
        let detail = point.kind == "violation" ? withoutViolationCode(point.detail) : point.detail
        return Self.point(point.id, detail, point.outcome)
      })
    page.section("Missing", missing.map { Text($0, .warning) })
    page.section("Closed without", closedWithout.map { [Text($0.text, .warning)] } ?? [])
  }

  /// Returns an agenda point with the id under which `review note` or `review action add` records its outcome.
  private static func point(_ id: String, _ text: String, _ outcome: String?) -> Text {
    Text("[\(id)] \(text)" + (outcome.map { " → \($0)" } ?? ""))
  }
}

extension Page {
  fileprivate mutating func points(_ title: String, _ points: [Text]) {
    heading(Text(title))
    if points.isEmpty {
      bullets([Text("none", .faint)])
    } else {
      bullets(points)
    }
  }
}

extension LearningTarget {
  /// The document's name, for tables.
  fileprivate var title: String {
    switch self {
    case .template: "template"
    case .policy: "policy"
    case .metricDefaults: "metric defaults"
    }
  }
}
