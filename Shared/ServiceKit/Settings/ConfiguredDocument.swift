public import Documents
import Foundation
import LaunchModel

/// A document in the configuration's folder that a new installation starts from.
public struct ConfiguredDocument: Sendable {
  /// Where it is.
  public let path: String
  private let bytes: [UInt8]

  /// Nil where there is no configuration, or no such file in it.
  public init?(_ name: String, in settings: ServiceSettings) {
    guard let folder = settings.configFolder else { return nil }
    path = "\(folder)/\(name)"
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    bytes = Array(data)
  }

  /// The names of the files in a folder of the configuration that end so, ascending.
  public static func names(in folder: String, ending suffixes: [String], _ settings: ServiceSettings) -> [String] {
    guard let configuration = settings.configFolder else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(configuration)/\(folder)")) ?? []
    return names.filter { name in suffixes.contains { name.hasSuffix($0) } }.sorted().map { "\(folder)/\($0)" }
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
