/// Names in SQL statements.
enum SQLIdentifier {
  /// Returns the name in double quotes, so that it may contain any characters.
  static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
}
