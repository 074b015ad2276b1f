public import Documents
import LaunchModel

/// A document in the configuration's folder that a new installation starts from.
public struct ConfiguredDocument: Sendable {
  /// The path of its file.
  public let path: String
  private let bytes: [UInt8]

  /// Loads a document; nil if there is no configuration, or no such file in it.
  ///
  /// - Throws: `StartError` if the file is there and cannot be read.
  public static func load(_ name: String, in settings: ServiceSettings) async throws -> ConfiguredDocument? {
    guard let folder = settings.configFolder else { return nil }
    let path = "\(folder)/\(name)"
    return try await ConfigurationFile.offCooperativePool {
      try ConfigurationFile.bytes(of: path).map { ConfiguredDocument(path: path, bytes: $0) }
    }
  }

  /// The names of the files in a folder of the configuration that end in one of the suffixes, ascending.
  ///
  /// - Throws: `StartError` if the folder is there and cannot be read.
  public static func names(
    in folder: String, ending suffixes: [String], _ settings: ServiceSettings
  ) async throws -> [String] {
    guard let configuration = settings.configFolder else { return [] }
    return try await ConfigurationFile.offCooperativePool {
      try ConfigurationFile.names(in: "\(configuration)/\(folder)")
        .filter { name in suffixes.contains(where: name.hasSuffix) }.map { "\(folder)/\($0)" }
    }
  }

  /// Reads it as YAML or JSON.
  ///
  /// - Throws: `StartError` with every fault and its line: a service does not start on half of what it was told.
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

  /// Reads its bytes.
  ///
  /// - Throws: `StartError` with every fault and its line.
  public func reading<Value>(_ body: ([UInt8]) throws -> Value) throws -> Value {
    do {
      return try body(bytes)
    } catch let problem as Problem {
      let faults = problem.errors.map { fault in
        let line = fault.line.map { "line \($0): " } ?? ""
        return "\(line)\(fault.pointer) \(fault.detail)"
      }
      throw StartError(.badConfiguration, "\(path): \(([problem.title] + faults).joined(separator: "\n  "))")
    }
  }
}
