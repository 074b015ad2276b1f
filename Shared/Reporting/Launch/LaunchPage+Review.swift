import Contract
import LaunchModel

/// What customers said, and the review's outcomes.
extension LaunchReport {
  /// A sentence in place of a section of the agenda; nil if there is an agenda.
  private var withoutAgenda: ReportPage.Block? {
    guard agenda == nil else { return nil }
    if !launch.tier.isMeasured { return .absence("Launches of tier \(launch.tier.rawValue) have no review.") }
    if exposure?.attempts.isEmpty != false { return .absence("A launch gets a review once customers have it.") }
    return .absence("The agenda of the review could not be read.")
  }

  /// Returns a section of the agenda, with one sentence if it is empty or could not be assembled.
  ///
  /// - Parameter part: the name of the part among those that could not be assembled.
  private func section<Point>(
    _ id: String, _ title: String, _ points: KeyPath<AgendaView, [Point]>, part: String, whenEmpty: String,
    _ blocks: ([Point]) -> [ReportPage.Block]
  ) -> ReportPage.Section? {
    if let withoutAgenda { return id == "topics" ? ReportPage.Section(id, title, [withoutAgenda]) : nil }
    guard let agenda else { return nil }
    let points = agenda[keyPath: points]
    let missing = agenda.missing.filter { $0.hasPrefix(part) }
      .map { ReportPage.Block.absence("Could not be assembled: \($0).") }
    let found = points.isEmpty ? [] : blocks(points)
    let content = found + missing
    return ReportPage.Section(
      id, title, isHalf: id == "escalations", content.isEmpty ? [.absence(whenEmpty)] : content)
  }

  var topicsSection: ReportPage.Section? {
    section(
      "topics", "What customers asked", \.topics, part: "topics", whenEmpty: "No topic stands out in the tickets."
    ) { topics in
      let rows = topics.map { topic -> [ReportPage.Cell] in
        [
          .init(topic.label), .init(topic.count.grouped), .init(topic.share.percentage),
          .init(topic.byDay.map { Sparkline.text(of: $0.map { Double($0) }, width: 30) }),
          .init(topic.accounts.map(\.grouped)),
          topic.articleMatch.map { .init($0) } ?? .init(.init("✗", "no article", .warning)),
          .init(topic.examples.first.map { TicketExample.line(of: $0) }),
        ]
      }
      let table = ReportPage.Block.table(
        .init(["topic", "#tickets", "#share", "by day", "#accounts", "answered by", "for example"], rows))
      guard let all = agenda?.tickets, let elsewhere = agenda?.ticketsElsewhere else { return [table] }
      return [
        .text(
          "Of \(counted(all, "ticket")) from exposure to day 30, \(elsewhere.grouped) \(elsewhere == 1 ? "is" : "are") in smaller topics or none."
        ), table,
      ]
    }
  }

  var knowledgeSection: ReportPage.Section? {
    section(
      "knowledge", "Knowledge gaps", \.knowledgeGaps, part: "articles",
      whenEmpty: "None: no article was voted down, and no search failed."
    ) { gaps in
      var blocks: [ReportPage.Block] = []
      let topics = gaps.filter { $0.topic != nil }.map(\.subject)
      if !topics.isEmpty {
        let nouns = topics.count == 1 ? "a topic" : "\(topics.count) topics"
        blocks.append(.text("No article answers \(nouns) of what customers asked: \(topics.joined(separator: "; "))."))
      }
      let rows = gaps.filter { $0.topic == nil }.map { gap -> [ReportPage.Cell] in
        [
          .init(gap.kind.split(separator: "-").joined(separator: " ")), .init(gap.subject), .init(gap.count.grouped),
          .init(words(ofOutcome: gap.outcome)),
        ]
      }
      if !rows.isEmpty { blocks.append(.table(.init(["gap", "subject", "#times", "outcome"], rows))) }
      return blocks
    }
  }

  var escalationsSection: ReportPage.Section? {
    section(
      "escalations", "Escalations", \.escalations, part: "escalations", whenEmpty: "None."
    ) { escalations in
      let rows = escalations.map { point -> [ReportPage.Cell] in
        [
          .init(point.ticket), .init(point.account), .init(zone.localDate(at: point.at).words),
          .init([point.level, point.reason].compactMap(\.self).joined(separator: ", ")),
          .init(words(ofOutcome: point.outcome)),
        ]
      }
      return [.table(.init(["ticket", "account", "@when", "why", "outcome"], rows))]
    }
  }

  var customersSection: ReportPage.Section? {
    section(
      "customers", "Customers to call", \.customers, part: "customers",
      whenEmpty: "None: no customer had a poor experience."
    ) { customers in
      let rows = customers.map { customer -> [ReportPage.Cell] in
        [
          .init(customer.account), .init(customer.score.decimals(1)), .init(customer.reasons.joined(separator: "; ")),
          words(ofOutcome: customer.outcome).map { .init($0) } ?? .init(.init("○", "no outcome yet", .warning)),
        ]
      }
      return [.table(.init(["account", "#score", "because", "outcome"], rows))]
    }
  }

  var actionsSection: ReportPage.Section? {
    guard let review else { return nil }
    guard !review.actions.isEmpty else {
      return ReportPage.Section("actions", "Actions", [.absence("No actions were agreed.")])
    }
    let rows = review.actions.map { action -> [ReportPage.Cell] in
      [
        .init(action.text), .init(action.owner ?? "nobody"), .init(action.due?.words), .init(action.mark),
        .init(action.outcome),
      ]
    }
    return ReportPage.Section(
      "actions", "Actions", [.table(.init(["action", "owner", "@due", "state", "outcome"], rows))])
  }

  var learningsSection: ReportPage.Section? {
    guard let review else { return nil }
    guard !review.learnings.isEmpty else {
      return ReportPage.Section("learnings", "Learnings", [.absence("None were recorded.")])
    }
    let rows = review.learnings.map { learning -> [ReportPage.Cell] in
      let became =
        learning.adoptedAs.map { "version \($0) of the template" }
        ?? (learning.proposedAt == nil ? "nothing yet" : "a proposal")
      return [.init(learning.text), .init(actorName(learning.by)), .init(became)]
    }
    return ReportPage.Section("learnings", "Learnings", [.table(.init(["learning", "by", "became"], rows))])
  }

  /// Who attended, and the outcome of each point of the agenda.
  var minutesSection: ReportPage.Section? {
    guard let review else { return nil }
    guard review.state != .scheduled else {
      return ReportPage.Section("minutes", "Review", [.absence("The review opens on \(review.opensOn.words).")])
    }
    var lines = ["Opened \(review.openedAt.map { zone.localDate(at: $0).words } ?? review.opensOn.words)."]
    if let closedAt = review.closedAt {
      lines.append("Closed \(zone.localDate(at: closedAt).words) by \(actorName(review.closedBy ?? "-")).")
    } else {
      lines.append("Not closed yet.")
    }
    if let left = review.closedWithout {
      lines.append("Closed without \(left.parts.map(\.rawValue).joined(separator: ", ")): \(left.reason.clause).")
    }
    lines.append("Attended: \(review.attended.isEmpty ? "nobody recorded" : review.attended.joined(separator: ", ")).")
    if !review.absent.isEmpty { lines.append("Absent: \(review.absent.map(\.title).joined(separator: ", ")).") }
    var blocks: [ReportPage.Block] = [.list(lines)]
    let notes =
      review.explanations.sorted { $0.key < $1.key }.map { [ReportPage.Cell("why \($0.key)"), .init($0.value)] }
      + outcomes.known.map { [ReportPage.Cell($0.subject), .init($0.outcome)] }
    if !notes.isEmpty { blocks.append(.table(.init(["point", "outcome"], notes))) }
    return ReportPage.Section("minutes", "Review", blocks)
  }
}

extension ActionView {
  fileprivate var mark: ReportPage.Mark {
    switch state {
    case .done: .init("✓", "done", .good)
    case .dropped: .init("–", "dropped", .neutral)
    case .open: overdue ? .init("!", "overdue", .bad) : .init("○", "open", .neutral)
    }
  }
}
