import Foundation

/// The files of the repository that this test stands in.
struct Repository {
  let root: URL

  /// The folder with `Package.swift` above this file.
  static let here = Repository(
    root: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent())

  /// Folders that hold what was built or fetched, or that are no part of the product.
  private static let skipped: Set<String> = [".build", ".git", ".swiftpm", "node_modules", "__pycache__", ".venv"]

  /// Paths relative to the root of every file whose name ends so, ascending.
  func paths(endingIn suffixes: [String]) throws -> [String] {
    var found: [String] = []
    try collect(in: "", suffixes, into: &found)
    return found.sorted()
  }

  /// Every Swift source, the benchmarks' own package included.
  func sources() throws -> [SourceFile] {
    try paths(endingIn: [".swift"]).map { SourceFile(path: $0, text: try text(of: $0)) }
  }

  func text(of path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Whether there is a file or folder of that path, which may go up by `..`.
  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appending(path: path).path) }

  private func collect(in folder: String, _ suffixes: [String], into found: inout [String]) throws {
    let url = folder.isEmpty ? root : root.appending(path: folder)
    for name in try FileManager.default.contentsOfDirectory(atPath: url.path) {
      guard !Self.skipped.contains(name), !name.hasPrefix(".build") else { continue }
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      let kind = try FileManager.default.attributesOfItem(atPath: root.appending(path: path).path)[.type]
      switch kind as? FileAttributeType {
      case .typeDirectory?: try collect(in: path, suffixes, into: &found)
      case .typeRegular? where suffixes.contains(where: name.hasSuffix): found.append(path)
      default: break
      }
    }
  }
}
