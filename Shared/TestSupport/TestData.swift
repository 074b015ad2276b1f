import Foundation

/// The acceptance data, which lie beside the repository: `shared/data`, or where `GONOGO_TEST_DATA` says.
public enum TestData {
  /// The folder, or nil where there is none: then tests that need it are skipped.
  public static let folder: String? = {
    if let folder = ProcessInfo.processInfo.environment["GONOGO_TEST_DATA"] { return folder }
    var place = URL(filePath: #filePath).deletingLastPathComponent()
    while place.path != "/" {
      let candidate = place.appending(path: "shared/data").path
      if isFolder(candidate) { return candidate }
      place.deleteLastPathComponent()
    }
    return nil
  }()

  /// Whether the data are there; for `.enabled(if:)`.
  public static var isAvailable: Bool { folder != nil }

  /// Why a test that needs the data is skipped.
  public static let unavailable = "needs the acceptance data; set GONOGO_TEST_DATA to their folder"

  /// The bytes of a file below the folder.
  public static func bytes(_ path: String) throws -> [UInt8] {
    guard let folder else { throw CocoaError(.fileNoSuchFile) }
    return [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(path)")))
  }

  /// The text of a file below the folder.
  public static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

  /// The names of a folder's files, ascending.
  public static func files(in path: String) throws -> [String] {
    guard let folder else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(path)").sorted()
  }

  /// The rows of a CSV file by column name; its fields have no quotes.
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
