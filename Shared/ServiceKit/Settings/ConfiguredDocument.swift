public import Documents
import LaunchModel

/// A document in the configuration folder with which a new installation starts.
public struct ConfiguredDocument: Sendable {
  /// The path of the file.
  public let path: String
  private let bytes: [UInt8]

  /// Loads a document; nil if there is no configuration folder, or no such file in it.
  ///
  /// - Throws: `StartError` if the file exists but cannot be read.
  public static func load(_ name: String, in settings: ServiceSettings) async throws -> ConfiguredDocument? {
    guard let folder = settings.configFolder else { return nil }
    let path = "\(folder)/\(name)"
    return try await ConfigurationFile.offCooperativePool {
      try ConfigurationFile.bytes(of: path).map { ConfiguredDocument(path: path, bytes: $0) }
    }
  }

  /// Returns the paths of the files in a subfolder of the configuration folder that end in one of the suffixes,
  /// relative to the configuration folder, in ascending order.
  ///
  /// - Throws: `StartError` if the folder exists but cannot be read.
  public static func names(
    in folder: String, ending suffixes: [String], _ settings: ServiceSettings
  ) async throws -> [String] {
    guard let configuration = settings.configFolder else { return [] }
    return try await ConfigurationFile.offCooperativePool {
      try ConfigurationFile.names(in: "\(configuration)/\(folder)")
        .filter { name in suffixes.contains(where: name.hasSuffix) }.map { "\(folder)/\($0)" }
    }
  }

  /// Parses the document as YAML or JSON.
  ///
  /// - Throws: `StartError` with every error and its line, because a service does not start with a partial
  ///   configuration.
  public func read<Value>(_ body: (SourceDocument) throws -> Value) throws -> Value {
    try reading { bytes in
      let source = try SourceDocument(parsing: bytes, file: path)
      do {
        return try body(source)
      } catch let problem as Problem {
        throw source.locating(problem)
      }
    }
  }

  /// Calls the body with the bytes of the document.
  ///
  /// - Throws: `StartError` with every error and its line.
  public func reading<Value>(_ body: ([UInt8]) throws -> Value) throws -> Value {
    do {
      return try body(bytes)
    } catch let problem as Problem {
      let errors = problem.errors.map { error in
        let line = error.line.map { "line \($0): " } ?? ""
        return "\(line)\(error.pointer) \(error.detail)"
      }
      throw StartError(.badConfiguration, "\(path): \(([problem.title] + errors).joined(separator: "\n  "))")
    }
  }
}
