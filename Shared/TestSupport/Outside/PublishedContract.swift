import Foundation
public import JSON

/// The generated files in `docs/contracts`.
public enum PublishedContract {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../docs/contracts").standardized.path

  /// Reads a file, for example `openrpc/bus.json`.
  public static func document(_ path: String) throws -> JSONValue {
    try JSONValue(parsing: [UInt8](Data(contentsOf: URL(filePath: "\(folder)/\(path)"))))
  }

  /// Returns the names of the files with an ending in one of its folders, ascending and without the ending.
  public static func names(in subfolder: String, ending: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(subfolder)").sorted()
      .filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }
  }
}
