import JSON
import LaunchModel

/// The columns of a table of launches: the fields of a launch file, the facts by their own names, and `rollout.kind`,
/// `rollout.flag` and `rollout.stages`.
struct LaunchColumns {
  private let paths: [[String]]

  private static let rollout = ["rollout.kind", "rollout.flag", "rollout.stages"]

  /// - Throws: `invalid` for columns that there are not.
  init(_ names: [String]) throws(Problem) {
    let plain = LaunchPlan.fields.filter { !["facts", "rollout", "calendars"].contains($0) }
    let functions = LaunchFunction.allCases.map { "calendars.\($0.rawValue)" }
    let known = plain + Facts.fields + Self.rollout + functions
    var (paths, faults): ([[String]], [FieldError]) = ([], [])
    for name in names {
      let bare = name.hasPrefix("facts.") ? String(name.dropFirst("facts.".count)) : name
      guard known.contains(bare) else {
        let hint = Suggestion.text(for: bare, among: known)
        let isUnseparated = names.count == 1 && (name.contains(";") || name.contains("\t"))
        let columns =
          isUnseparated ? "; columns are separated by commas" : "; the columns are \(known.joined(separator: ", "))"
        let mend = hint.isEmpty ? columns : hint
        faults.append(FieldError(pointer: "", line: 1, detail: "there is no column \"\(name)\"\(mend)"))
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
    // A row always states facts, so that what is missing of them is told by its column.
    var members: [String: JSONValue] = ["facts": [:]]
    for (path, cell) in zip(paths, cells) {
      guard let field = path.last, let value = TableCell.value(cell, of: field, isFact: path[0] == "facts") else {
        continue
      }
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
}
