import JSON
import LaunchModel
import Storage

/// Tells links of the audit chain as entries of a history: what was changed, from what to what.
enum HistoryText {
  /// - Parameter links: a launch's, from its proposal on.
  static func entries(_ links: [AuditLink]) -> [HistoryEntry] {
    var before: JSONValue?
    return links.map { link in
      let record = link.detail["record"]
      let detail = detail(link, before: before)
      before = record ?? before
      return HistoryEntry(at: link.at, by: link.by, action: action(link.action), detail: detail)
    }
  }

  /// `rescheduled` for `dev.gonogo.launch.rescheduled.v1`.
  private static func action(_ type: String) -> String {
    let words = type.split(separator: ".")
    return words.count > 2 && words.last == "v1" ? String(words[words.count - 2]) : type
  }

  private static func detail(_ link: AuditLink, before: JSONValue?) -> String? {
    var parts: [String] = []
    if let from = link.detail["from"]?.stringValue, let to = link.detail["status"]?.stringValue {
      parts.append("\(from) → \(to)")
    }
    if let record = link.detail["record"] {
      parts +=
        before.map { changes(link, from: $0, to: record) }
        ?? [record["tier"].map(tier), record["date"]?.told]
        .compactMap(\.self)
    }
    if let reason = link.detail["reason"]?.stringValue { parts.append(reason) }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private static func changes(_ link: AuditLink, from before: JSONValue, to record: JSONValue) -> [String] {
    let changed = (link.detail["changed"]?.arrayValue ?? []).compactMap(\.stringValue)
    let policies = [before["policyVersion"], record["policyVersion"]]
    return changed.map { told($0, from: before, to: record) }
      + (policies[0] == policies[1] ? [] : ["policy version \(policies[0].told) → \(policies[1].told)"])
  }

  /// As `owner dana → ibrahim`; what is too long to be told is named.
  private static func told(_ field: String, from before: JSONValue, to record: JSONValue) -> String {
    switch field {
    case "override":
      return record["override"]?["tier"].map { "overridden to \(tier($0))" } ?? "override taken back"
    case "shortfall":
      let days = record["shortfall"]?["days"].map { "\($0.told) days" }
      let isWaived = record["shortfall"]?["waived"] != nil
      return days.map { isWaived ? "shortfall of \($0) waived" : "short by \($0)" } ?? "short no longer"
    case "tierReasons", "assumed", "openQuestions", "alternatives", "conflicts", "status": return field
    default:
      let path = field.split(separator: ".").map(String.init)
      let name = field.hasPrefix("facts.") ? String(field.dropFirst("facts.".count)) : field
      return "\(name) \(before.member(at: path).told) → \(record.member(at: path).told)"
    }
  }

  private static func tier(_ value: JSONValue) -> String { "tier \(value.told)" }
}

extension JSONValue {
  fileprivate func member(at path: [String]) -> JSONValue? { path.reduce(self) { $0?[$1] } }

  /// Text as it is, anything else as JSON.
  fileprivate var told: String { stringValue ?? String(decoding: canonical(), as: UTF8.self) }
}

extension JSONValue? {
  /// `-` stands for what is not there.
  fileprivate var told: String { self?.told ?? "-" }
}
