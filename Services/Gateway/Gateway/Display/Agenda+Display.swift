import Contract
import LaunchModel

extension AgendaView: Displayable {
  func display(on page: inout Page) {
    page.heading("Agenda of the review of \(launch), \(opensOn) (\(state.rawValue))")
    page.heading("1  Metrics")
    page.metrics(metrics.map(\.metric))
    page.bullets(metrics.compactMap { point in point.explanation.map { Text("\(point.metric.key): \($0)") } })
    page.points(
      "2  Questions and issues",
      topics.map { topic in
        Text(
          "\(topic.label): \(counted(topic.count, "ticket")) (\(topic.share.percent))"
            + (topic.articleMatch.map { ", see \($0)" } ?? ""))
      })
    page.points(
      "3  Knowledge gaps",
      knowledgeGaps.map { gap in
        Self.point(gap.id, "\(gap.kind) \(gap.subject), \(gap.count) times", gap.outcome)
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
    page.points("6  The way to GO", readiness.map { Self.point($0.id, $0.detail, $0.outcome) })
    page.section("Not assembled", missing.map { Text($0, .warning) })
  }

  /// What an agenda point says, with the id by which `review note` records its outcome.
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
