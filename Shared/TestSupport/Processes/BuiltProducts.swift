import Foundation

/// Where the executables are that were built with the tests.
public enum BuiltProducts {
  /// The folder of the test bundle, which is that of all products; `GONOGO_BIN` where it is set.
  public static let folder: String = {
    if let folder = ProcessInfo.processInfo.environment["GONOGO_BIN"] { return folder }
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? Bundle.main.executablePath ?? "."
    return URL(filePath: bundle).deletingLastPathComponent().path
  }()

  /// An executable's path.
  public static func executable(_ name: String) -> String { "\(folder)/\(name)" }
}
