import Contract

/// A ticket's text on a line of its own.
public enum TicketExample {
  /// The subject and the body with a dash between them, for example `No switch — Where do I switch it on?`; a text of
  /// one line as it is.
  ///
  /// - Parameter text: the text of a topic's example: the subject on the first line, then a line for each paragraph of
  ///   the body.
  public static func line(of text: String) -> String {
    let lines = text.split(whereSeparator: \.isNewline)
    guard let subject = lines.first, lines.count > 1 else { return text }
    return "\(subject) — \(lines.dropFirst().joined(separator: " "))"
  }
}

/// The review's points and outcomes in words, without the codes that commands use.
extension LaunchReport {
  /// An outcome without the code of the action that it names: `lena, done: called` of `action routing-a1 (lena, done):
  /// called`.
  func words(ofOutcome outcome: String?) -> String? {
    guard let outcome else { return nil }
    for action in review?.actions ?? [] {
      let code = "action \(action.id)"
      guard outcome.hasPrefix(code) else { continue }
      let rest = outcome.dropFirst(code.count)
      if rest.isEmpty { return action.text }
      if rest.hasPrefix(": ") { return String(rest.dropFirst(2)) }
      if rest.hasPrefix(" ("), let end = rest.ranges(of: "): ").first {
        return "\(rest[..<end.lowerBound].dropFirst(2)): \(rest[end.upperBound...])"
      }
    }
    return outcome
  }

  /// What a point of the agenda is about; nil for one that the agenda does not have, or no longer has.
  func subject(ofPoint id: String) -> String? {
    guard let agenda else { return nil }
    if let topic = agenda.topics.first(where: { $0.id == id }) { return "topic: \(topic.label)" }
    if let gap = agenda.knowledgeGaps.first(where: { $0.id == id }) { return gap.text }
    if let point = agenda.escalations.first(where: { $0.id == id }) { return "escalated ticket \(point.ticket)" }
    if let customer = agenda.customers.first(where: { $0.id == id }) { return "customer \(customer.account)" }
    guard let point = agenda.readiness.first(where: { $0.id == id }) else { return nil }
    return point.kind == "violation" ? Self.withoutCode(point.detail) : point.detail
  }

  /// The recorded outcomes, by what their points are about, and by id those of points that the agenda does not have.
  var outcomes: (known: [(subject: String, outcome: String)], others: [(id: String, outcome: String)]) {
    var known: [(subject: String, outcome: String)] = []
    var others: [(id: String, outcome: String)] = []
    for (id, outcome) in (review?.outcomes ?? [:]).sorted(by: { $0.key < $1.key }) {
      if let subject = self.subject(ofPoint: id) {
        known.append((subject, outcome))
      } else {
        others.append((id, outcome))
      }
    }
    return (known, others)
  }

  /// The codes by which commands name the review's points, actions and learnings.
  var codes: [ReportPage.Block] {
    var ids = (agenda?.topics ?? []).map(\.id)
    ids += (agenda?.knowledgeGaps ?? []).filter { $0.topic == nil }.map(\.id)
    ids += (agenda?.escalations ?? []).map(\.id)
    ids += (agenda?.customers ?? []).map(\.id)
    ids += (agenda?.readiness ?? []).map(\.id)
    var rows = ids.map { id in [ReportPage.Cell(subject(ofPoint: id)), .init(id)] }
    rows += (review?.actions ?? []).map { [ReportPage.Cell("action: \($0.text)"), .init($0.id)] }
    rows += (review?.learnings ?? []).map { [ReportPage.Cell("learning: \($0.text)"), .init($0.id)] }
    rows += outcomes.others.map { [ReportPage.Cell("not on the agenda; outcome: \($0.outcome)"), .init($0.id)] }
    return rows.isEmpty ? [] : [.table(.init(["of the review", "code"], rows))]
  }

  /// A violation without the code that it starts with, such as `no-go-in-force: `, which is for programs.
  static func withoutCode(_ violation: String) -> String {
    guard let mark = violation.firstIndex(of: ":") else { return violation }
    let isCode = violation[..<mark].allSatisfy { $0.isLowercase || $0 == "-" }
    return isCode ? String(violation[violation.index(after: mark)...]).clause.sentenceCase : violation
  }
}
