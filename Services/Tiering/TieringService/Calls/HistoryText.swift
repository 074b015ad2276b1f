import JSON
import LaunchModel
import Storage

/// Tells links of the audit chain as entries of a history.
enum HistoryText {
  static func entry(_ link: AuditLink) -> HistoryEntry {
    HistoryEntry(at: link.at, by: link.by, action: action(link.action), detail: detail(link.detail))
  }

  /// `rescheduled` for `dev.gonogo.launch.rescheduled.v1`.
  private static func action(_ type: String) -> String {
    let words = type.split(separator: ".")
    return words.count > 2 && words.last == "v1" ? String(words[words.count - 2]) : type
  }

  private static func detail(_ content: JSONValue) -> String? {
    var parts: [String] = []
    if let from = content["from"]?.stringValue, let to = content["status"]?.stringValue {
      parts.append("\(from) → \(to)")
    }
    if let record = content["record"] {
      let changed = (content["changed"]?.arrayValue ?? []).compactMap(\.stringValue)
      if !changed.isEmpty { parts.append(changed.joined(separator: ", ")) }
      let tier = record["tier"]?.integerValue.map { "tier \($0)" }
      parts += [tier, record["date"]?.stringValue].compactMap { $0 }
    }
    if let reason = content["reason"]?.stringValue { parts.append(reason) }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}
