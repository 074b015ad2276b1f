import Foundation

/// The acceptance data: the folder `GONOGO_TEST_DATA`, or else `shared/data` next to the repository or further up.
public enum TestData {
  /// The folder; nil if it does not exist, in which case tests that need it are skipped.
  public static let folder: String? = {
    if let folder = ProcessInfo.processInfo.environment["GONOGO_TEST_DATA"] { return folder }
    var ancestor = URL(filePath: #filePath).deletingLastPathComponent()
    while ancestor.path != "/" {
      let candidate = ancestor.appending(path: "shared/data").path
      if isFolder(candidate) { return candidate }
      ancestor.deleteLastPathComponent()
    }
    return nil
  }()

  /// Whether the data are available; for `.enabled(if:)`.
  public static var isAvailable: Bool { folder != nil }

  /// The reason for skipping a test that needs the data.
  public static let unavailable = "needs the acceptance data; set GONOGO_TEST_DATA to their folder"

  /// Returns the bytes of a file in the folder.
  public static func bytes(_ path: String) throws -> [UInt8] {
    guard let folder else { throw CocoaError(.fileNoSuchFile) }
    return [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(path)")))
  }

  /// Returns the text of a file in the folder.
  public static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  /// Returns the names of the files in a subfolder, in ascending order.
  public static func files(in path: String) throws -> [String] {
    guard let folder else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(path)").sorted()
  }

  /// Returns the rows of a CSV file, each by column name. Quoted fields are not supported.
  public static func rows(_ path: String) throws -> [[String: String]] {
    let lines = try text(path).split(whereSeparator: \.isNewline)
    let header = (lines.first ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return lines.dropFirst().map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      return Dictionary(zip(header, fields), uniquingKeysWith: { first, _ in first })
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
