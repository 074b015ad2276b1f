import Glibc
import SystemPackage

/// The file that an option such as `--out` or `--export` names.
struct OutputFile: Sendable, Hashable {
  private let path: String
  private let name: String

  /// Checks the path before the work whose result it is to hold.
  ///
  /// - Parameters:
  ///   - option: the option that names the file, for error messages.
  ///   - overwrites: whether a file that exists is replaced.
  /// - Throws: `GatewayError` if the path names no file, or one that exists and is not to be replaced.
  init(_ path: String, option: String, overwrites: Bool) throws(GatewayError) {
    guard let name = FilePath(path).lastComponent, name.kind == .regular else {
      throw GatewayError(.badInput, "\(option) \"\(path)\" is not the name of a file")
    }
    guard overwrites || access(path, F_OK) != 0 else {
      throw GatewayError(.conflict, "\(path) exists already; pass --force to overwrite it, or choose another name")
    }
    self.path = path
    self.name = name.string
  }

  /// Writes the file completely or not at all.
  ///
  /// - Throws: `GatewayError` with status `outputFailed` and the system's reason, for example that the folder is
  ///   missing.
  func write(_ content: String) throws(GatewayError) {
    let folder = FilePath(path).removingLastComponent()
    try ConfigurationFile(name: name, purpose: "output", content: content)
      .write(in: folder.isEmpty ? "." : folder.string)
  }
}
