import FoundationEssentials

/// What the process was started with, read in this one place.
struct ProcessEnvironment: Sendable, Hashable {
  var variables: [String: String]
  var workingFolder: String

  /// The environment of this process.
  static var current: ProcessEnvironment {
    ProcessEnvironment(
      variables: ProcessInfo.processInfo.environment, workingFolder: FileManager.default.currentDirectoryPath)
  }

  /// The variable; nil where it is not set or empty.
  subscript(_ name: String) -> String? {
    guard let value = variables[name], !value.isEmpty else { return nil }
    return value
  }
}
