public import Contract
public import Foundation

/// The repository, from whose sources the documents are generated and into which they are written.
public struct ContractSources: Sendable {
  /// The folder with `Package.swift`.
  public let root: URL

  /// The repository that contains this source file.
  public static let here = ContractSources(
    root: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent())

  /// Returns the comments of everything that crosses a socket.
  public func contractComments() throws -> DocComments {
    try comments(in: ["Shared/Contract", "Shared/LaunchModel"])
  }

  /// Returns the comments of the sources below some folders.
  public func comments(in folders: [String]) throws -> DocComments {
    DocCommentReader.comments(in: try folders.flatMap { try texts(below: $0) })
  }

  /// Returns the Swift sources below a folder, in the order of their paths.
  public func texts(below folder: String) throws -> [String] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      try String(contentsOf: root.appending(path: "\(folder)/\(path)"), encoding: .utf8)
    }
  }
}
