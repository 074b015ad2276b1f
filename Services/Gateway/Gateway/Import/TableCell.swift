import JSON

/// Reads the cells of tables that people write.
enum TableCell {
  /// Fields whose cells are lists, separated by spaces or semicolons, and kinds by plus signs too.
  private static let lists: Set<String> = ["locales", "segments", "kinds", "stages"]

  /// A cell as a document's value; nil where it is empty, or says of a fact that it is omitted.
  static func value(_ cell: String, of field: String, isFact: Bool) -> JSONValue? {
    let text = String(cell.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    guard !text.isEmpty, !(isFact && text == "omitted") else { return nil }
    if lists.contains(field) {
      let words = text.split { $0 == ";" || $0.isWhitespace || ($0 == "+" && field == "kinds") }.map(String.init)
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
