import Foundation

/// The executables that were built together with the tests.
public enum BuiltProducts {
  /// The folder of all products: `GONOGO_BIN` if set, otherwise that of the test bundle.
  public static let folder: String = {
    if let folder = ProcessInfo.processInfo.environment["GONOGO_BIN"] { return folder }
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? Bundle.main.executablePath ?? "."
    return URL(filePath: bundle).deletingLastPathComponent().path
  }()

  /// Returns an executable's path.
  public static func executable(_ name: String) -> String { "\(folder)/\(name)" }
}
