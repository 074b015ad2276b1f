import Contract
import LaunchModel

extension LaunchReport {
  /// The report as one table in long form: each line has one value, identified by section, subject, day and measure.
  var table: [[String]] {
    var table = ValueTable(
      columns: ["launch", "section", "subject", "day", "measure", "value"], launch: launch.plan.launch)
    addLaunch(to: &table)
    addMetrics(to: &table)
    addReview(to: &table)
    addPath(to: &table)
    for part in missing { table.add("missing", part.part, "reason", CSVText.words(part.reason)) }
    return table.rows
  }

  private func addLaunch(to table: inout ValueTable) {
    let plan = launch.plan
    table.add("launch", plan.launch.rawValue, "name", CSVText.words(plan.name))
    table.add("launch", plan.launch.rawValue, "tier", String(launch.tier.rawValue))
    table.add("launch", plan.launch.rawValue, "status", launch.status.rawValue)
    table.add("launch", plan.launch.rawValue, "date", plan.date.description)
    table.add("launch", plan.launch.rawValue, "owner", CSVText.words(plan.owner))
    table.add("launch", plan.launch.rawValue, "outcome", outcome.rawValue)
    table.add("launch", plan.launch.rawValue, "as of", at.description)
    for attempt in exposure?.attempts ?? [] {
      table.add("exposure", "attempt \(attempt.attempt)", "started", attempt.startedAt.description)
      table.add("exposure", "attempt \(attempt.attempt)", "rolled back", attempt.rolledBackAt?.description)
    }
  }

  private func addMetrics(to table: inout ValueTable) {
    for metric in metrics?.metrics ?? [] {
      table.add("metric", metric.key, "verdict", metric.verdict.rawValue)
      table.add("metric", metric.key, "value", metric.known?.value?.allDigits)
      table.add("metric", metric.key, "numerator", metric.numerator.map { String($0) })
      table.add("metric", metric.key, "denominator", metric.denominator.map { String($0) })
      table.add("metric", metric.key, "low", metric.known?.low?.allDigits)
      table.add("metric", metric.key, "high", metric.known?.high?.allDigits)
      table.add("metric", metric.key, "compared with", (metric.expectation ?? metric.target).map(CSVText.words))
      table.add("metric", metric.key, "gap", gap(of: metric.key)?.gap?.allDigits)
      table.add("metric", metric.key, "explanation", explanation(of: metric.key).map(CSVText.words))
    }
    for series in series {
      for point in series.points {
        table.add("by day", series.key, "count", String(point.numerator), day: point.day)
        table.add("by day", series.key, "of", point.denominator.map { String($0) }, day: point.day)
        table.add("by day", series.key, "value", point.value?.allDigits, day: point.day)
      }
    }
    for launch in earlier {
      table.add("earlier launch", launch.launch.rawValue, "adoption", launch.outcome.allDigits)
    }
  }

  private func addReview(to table: inout ValueTable) {
    for topic in agenda?.topics ?? [] {
      table.add("topic", topic.id, "label", CSVText.words(topic.label))
      table.add("topic", topic.id, "tickets", String(topic.count))
      table.add("topic", topic.id, "share", topic.share.allDigits)
      table.add("topic", topic.id, "article", topic.articleMatch.map(CSVText.words))
    }
    for gap in agenda?.knowledgeGaps ?? [] { table.add("knowledge gap", gap.id, "times", String(gap.count)) }
    for point in agenda?.escalations ?? [] {
      table.add("escalation", CSVText.words(point.ticket), "at", point.at.description)
    }
    for customer in agenda?.customers ?? [] {
      table.add("customer", CSVText.words(customer.account), "score", customer.score.allDigits)
      table.add(
        "customer", CSVText.words(customer.account), "because", CSVText.words(customer.reasons.joined(separator: "; ")))
    }
    for action in review?.actions ?? [] {
      table.add("action", action.id, "text", CSVText.words(action.text))
      table.add("action", action.id, "owner", action.owner.map(CSVText.words))
      table.add("action", action.id, "due", action.due?.description)
      table.add("action", action.id, "state", action.state.rawValue)
    }
    for learning in review?.learnings ?? [] {
      table.add("learning", learning.id, "text", CSVText.words(learning.text))
      table.add("learning", learning.id, "template version", learning.adoptedAs.map { String($0) })
    }
  }

  private func addPath(to table: inout ValueTable) {
    if let decision {
      table.add("decision", "decision", "kind", decision.decision?.rawValue)
      table.add("decision", "decision", "by", decision.by.map(CSVText.words))
      table.add("decision", "decision", "at", decision.at?.description)
      table.add("decision", "decision", "digest", decision.digest)
    }
    for function in readiness?.functions ?? [] {
      table.add("readiness", function.function.rawValue, "state", function.state.rawValue)
      table.add("readiness", function.function.rawValue, "done", String(function.done))
      table.add("readiness", function.function.rawValue, "total", String(function.total))
    }
    for item in items ?? [] {
      table.add("item", CSVText.words(item.reference.name), "state", item.state.rawValue)
      table.add("item", CSVText.words(item.reference.name), "due", item.due.description)
      table.add("item", CSVText.words(item.reference.name), "done on", item.doneOn?.description)
    }
    for (number, violation) in (exposure?.violations ?? []).enumerated() {
      table.add("violation", String(number + 1), "detail", CSVText.words(violation))
    }
  }
}

/// The rows of a table with one value each; nil values are left out.
struct ValueTable {
  private(set) var rows: [[String]]
  private let launch: String

  init(columns: [String], launch: LaunchID) {
    rows = [columns]
    self.launch = launch.rawValue
  }

  mutating func add(_ section: String, _ subject: String, _ measure: String, _ value: String?, day: Int? = nil) {
    guard let value else { return }
    rows.append([launch, section, subject, day.map { String($0) } ?? "", measure, value])
  }
}
