public import Documents
import Foundation
import LaunchModel

/// A document in the configuration folder that a new installation starts from.
public struct ConfiguredDocument: Sendable {
  /// The path of the file.
  public let path: String
  private let bytes: [UInt8]

  /// Loads the document; nil if there is no configuration folder or no such file in it.
  public init?(_ name: String, in settings: ServiceSettings) {
    guard let folder = settings.configFolder else { return nil }
    path = "\(folder)/\(name)"
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    bytes = Array(data)
  }

  /// Returns the paths of the files in a subfolder of the configuration folder that end in one of the suffixes,
  /// relative to the configuration folder, in ascending order.
  public static func names(in folder: String, ending suffixes: [String], _ settings: ServiceSettings) -> [String] {
    guard let configuration = settings.configFolder else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(configuration)/\(folder)")) ?? []
    return names.filter { name in suffixes.contains { name.hasSuffix($0) } }.sorted().map { "\(folder)/\($0)" }
  }

  /// Parses the document as YAML or JSON.
  ///
  /// - Throws: `StartError` with every error and its line: a service does not start with half of its configuration.
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
