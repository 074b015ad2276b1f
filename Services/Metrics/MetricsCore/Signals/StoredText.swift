/// Texts that rows are found by.
enum StoredText {
  /// The engines' indexes take about 2,700 bytes a row, and up to four texts are in one.
  private static let mostBytes = 512

  static func fits(_ text: String) -> Bool { text.utf8.count <= mostBytes && !text.utf8.contains(0) }
}
