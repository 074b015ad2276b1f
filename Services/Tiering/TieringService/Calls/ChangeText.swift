import JSON

/// Tells in words what of a launch's record was changed, or would be, from what to what.
enum ChangeText {
  /// - Parameters:
  ///   - changed: the fields that are said to differ, as `facts.audience`.
  ///   - before: the record as it was announced.
  ///   - after: the record since.
  static func told(_ changed: [String], from before: JSONValue, to after: JSONValue) -> [String] {
    let followed = ["shortfall"].filter { !changed.contains($0) }
    let policies = [before["policyVersion"], after["policyVersion"]]
    return (changed + followed).flatMap { told($0, from: before, to: after) }
      + (policies[0] == policies[1] ? [] : ["policy version \(policies[0].plainText) → \(policies[1].plainText)"])
  }

  private static func told(_ field: String, from before: JSONValue, to after: JSONValue) -> [String] {
    switch field {
    case "override": [override(after["override"])]
    case "shortfall": shortfall(from: before["shortfall"], to: after["shortfall"])
    case "conflicts": conflicts(from: before["conflicts"], to: after["conflicts"])
    // The entry's own word, or the entry that follows, says it.
    case "status": []
    case "tierComputed": ["computed tier \(before[field].plainText) → \(after[field].plainText)"]
    case "tierReasons": ["other rules fire"]
    case "assumed": ["assumed \(list(before[field])) → \(list(after[field]))"]
    case "openQuestions": ["open questions \(list(before[field])) → \(list(after[field]))"]
    case "alternatives": ["other facts would change it"]
    default: [value(of: field, from: before, to: after)]
    }
  }

  /// As `owner dana → ibrahim`, or `date 2027-03-02` where it is set to what it was.
  private static func value(of field: String, from before: JSONValue, to after: JSONValue) -> String {
    let path = field.split(separator: ".").map(String.init)
    let name = field.hasPrefix("facts.") ? String(field.dropFirst("facts.".count)) : field
    let (old, new) = (before.value(at: path).plainText, after.value(at: path).plainText)
    return old == new ? "\(name) \(new)" : "\(name) \(old) → \(new)"
  }

  private static func override(_ override: JSONValue?) -> String {
    override?["tier"].map { "overridden to tier \($0.plainText)" } ?? "override taken back"
  }

  private static func shortfall(from before: JSONValue?, to after: JSONValue?) -> [String] {
    let (old, new) = (before?["days"], after?["days"])
    let (wasWaived, isWaived) = (before?["waived"] != nil, after?["waived"] != nil)
    guard old != new || wasWaived != isWaived else { return [] }
    guard let new else { return ["short no longer"] }
    let days = "\(new.plainText) \(new == 1 ? "day" : "days")"
    if isWaived { return [wasWaived ? "short by \(days), still waived" : "shortfall of \(days) waived"] }
    return ["short by \(days)" + (wasWaived ? ", the waiver lapses" : "")]
  }

  /// Those that have come, those that are gone, and those that were accepted, or are so no longer.
  private static func conflicts(from before: JSONValue?, to after: JSONValue?) -> [String] {
    let (old, new) = (accepted(before), accepted(after))
    let come = new.keys.filter { old[$0] == nil }.sorted().map { "in conflict: \($0)" }
    let gone = old.keys.filter { new[$0] == nil }.sorted().map { "no longer in conflict: \($0)" }
    let judged = new.keys.sorted().compactMap { key -> String? in
      guard let isAccepted = new[key], old[key] ?? false != isAccepted else { return nil }
      return isAccepted ? "accepted: \(key)" : "accepted no longer: \(key)"
    }
    return come + gone + judged
  }

  /// Whether each conflict, as `same-week fast-search`, is accepted.
  private static func accepted(_ conflicts: JSONValue?) -> [String: Bool] {
    let pairs = (conflicts?.arrayValue ?? []).map { conflict in
      ("\(conflict["kind"].plainText) \(conflict["other"].plainText)", conflict["accepted"] != nil)
    }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  private static func list(_ value: JSONValue?) -> String {
    let texts = (value?.arrayValue ?? []).compactMap(\.stringValue)
    return texts.isEmpty ? "-" : texts.joined(separator: ", ")
  }
}
