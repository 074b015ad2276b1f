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
      let changed = (link.detail["changed"]?.arrayValue ?? []).compactMap(\.stringValue)
      parts +=
        before.map { ChangeText.told(changed, from: $0, to: record) }
        ?? ["tier \(record["tier"].told)", record["date"].told]
    }
    if let reason = link.detail["reason"]?.stringValue { parts.append(reason) }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
