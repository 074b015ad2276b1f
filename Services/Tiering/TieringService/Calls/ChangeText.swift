import JSON

/// Describes changes to a launch's record as text, with previous and new values.
enum ChangeText {
  /// - Parameters:
  ///   - changed: the fields that changed, for example `facts.audience`.
  ///   - before: the record before the change.
  ///   - after: the record after the change.
  static func describe(_ changed: [String], from before: JSONValue, to after: JSONValue) -> [String] {
    let followed = ["shortfall"].filter { !changed.contains($0) }
    let policies = [before["policyVersion"], after["policyVersion"]]
    return (changed + followed).flatMap { describe($0, from: before, to: after) }
      + (policies[0] == policies[1] ? [] : ["policy version \(policies[0].plainText) → \(policies[1].plainText)"])
  }

  private static func describe(_ field: String, from before: JSONValue, to after: JSONValue) -> [String] {
    switch field {
    case "override": [override(after["override"])]
    case "shortfall": shortfall(from: before["shortfall"], to: after["shortfall"])
    case "conflicts": conflicts(from: before["conflicts"], to: after["conflicts"])
    // Status changes appear in the entry's action or in the next entry.
    case "status": []
    case "tierComputed": ["computed tier \(before[field].plainText) → \(after[field].plainText)"]
    case "tierReasons": ["different rules fire"]
    case "assumed": ["assumed \(list(before[field])) → \(list(after[field]))"]
    case "openQuestions": ["open questions \(list(before[field])) → \(list(after[field]))"]
    case "alternatives": ["different alternatives"]
    default: [value(of: field, from: before, to: after)]
    }
  }

  /// A field's change as text, for example `owner dana → ibrahim`, or `date 2027-03-02` if the value is the same.
  private static func value(of field: String, from before: JSONValue, to after: JSONValue) -> String {
    let path = field.split(separator: ".").map(String.init)
    let name = field.hasPrefix("facts.") ? String(field.dropFirst("facts.".count)) : field
    let (old, new) = (before.value(at: path).plainText, after.value(at: path).plainText)
    return old == new ? "\(name) \(new)" : "\(name) \(old) → \(new)"
  }

  private static func override(_ override: JSONValue?) -> String {
    override?["tier"].map { "overridden to tier \($0.plainText)" } ?? "override removed"
  }

  private static func shortfall(from before: JSONValue?, to after: JSONValue?) -> [String] {
    let (old, new) = (before?["days"], after?["days"])
    let (wasWaived, isWaived) = (before?["waived"] != nil, after?["waived"] != nil)
    guard old != new || wasWaived != isWaived else { return [] }
    guard let new else { return ["shortfall resolved"] }
    let days = "\(new.plainText) \(new == 1 ? "day" : "days")"
    if isWaived { return [wasWaived ? "short by \(days), still waived" : "shortfall of \(days) waived"] }
    return ["short by \(days)" + (wasWaived ? ", the waiver no longer applies" : "")]
  }

  /// Lists new conflicts, resolved ones, and those whose acceptance changed.
  private static func conflicts(from before: JSONValue?, to after: JSONValue?) -> [String] {
    let (old, new) = (accepted(before), accepted(after))
    let added = new.keys.filter { old[$0] == nil }.sorted().map { "new conflict: \($0)" }
    let resolved = old.keys.filter { new[$0] == nil }.sorted().map { "conflict resolved: \($0)" }
    let acceptance = new.keys.sorted().compactMap { key -> String? in
      guard let isAccepted = new[key], old[key] ?? false != isAccepted else { return nil }
      return isAccepted ? "conflict accepted: \(key)" : "conflict no longer accepted: \(key)"
    }
    return added + resolved + acceptance
  }

  /// Whether each conflict is accepted, keyed by its kind and the other launch or
  /// blackout, for example `same-week fast-search`.
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
