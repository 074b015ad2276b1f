/// Names as SQL reads them.
enum SQLIdentifier {
  /// Returns the name in double quotes, so that it may have any characters.
  static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
}
