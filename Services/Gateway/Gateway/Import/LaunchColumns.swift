import JSON
import LaunchModel

/// The columns of a table of launches: the fields of a launch file, the facts by their own names, and `rollout.kind`,
/// `rollout.flag` and `rollout.stages`.
struct LaunchColumns {
  private let paths: [[String]]

  /// Fields whose cells are lists, separated by spaces or semicolons.
  private static let lists: Set<String> = ["locales", "segments", "kinds", "stages"]
  private static let rollout = ["rollout.kind", "rollout.flag", "rollout.stages"]

  /// - Throws: `invalid` for columns that there are not.
  init(_ names: [String]) throws(Problem) {
    let plain = LaunchPlan.fields.filter { !["facts", "rollout", "calendars"].contains($0) }
    let functions = LaunchFunction.allCases.map { "calendars.\($0.rawValue)" }
    let known = plain + Facts.fields + Self.rollout + functions
    var (paths, faults): ([[String]], [FieldFault]) = ([], [])
    for name in names {
      let bare = name.hasPrefix("facts.") ? String(name.dropFirst("facts.".count)) : name
      guard known.contains(bare) else {
        let hint = Suggestion.text(for: bare, among: known)
        let mend = hint.isEmpty ? "; the columns are \(known.joined(separator: ", "))" : hint
        faults.append(FieldFault(pointer: "", line: 1, detail: "there is no column \"\(name)\"\(mend)"))
        continue
      }
      let path = bare.split(separator: ".").map(String.init)
      paths.append(Facts.fields.contains(bare) ? ["facts", bare] : path)
    }
    guard faults.isEmpty else { throw .invalid("invalid-columns", title: "the table has faults", errors: faults) }
    self.paths = paths
  }

  /// A row as a launch file; empty cells, and `omitted`, leave a field out.
  func document(_ cells: [String]) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for (path, cell) in zip(paths, cells) {
      guard let field = path.last, let value = Self.value(cell, of: field, isFact: path[0] == "facts") else { continue }
      if path.count == 1 {
        members[field] = value
      } else {
        var inner = members[path[0]]?.objectValue ?? [:]
        inner[field] = value
        members[path[0]] = .object(inner)
      }
    }
    return .object(members)
  }

  private static func value(_ cell: String, of field: String, isFact: Bool) -> JSONValue? {
    let text = String(cell.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    guard !text.isEmpty, !(isFact && text == "omitted") else { return nil }
    if lists.contains(field) {
      let words = text.split { $0 == ";" || $0.isWhitespace }.map(String.init)
      return .array(words.map { field == "stages" ? Double($0).map { .number($0) } ?? .string($0) : .string($0) })
    }
    guard isFact, field != "audience" else { return .string(text) }
    switch text.lowercased() {
    case "yes", "true": return true
    case "no", "false": return false
    default: return .string(text)
    }
  }
}
