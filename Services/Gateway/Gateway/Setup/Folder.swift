import FoundationEssentials
import Glibc
import SystemPackage

/// Folders that the gateway creates and passes to the services.
enum Folder {
  /// Returns the absolute path, which does not depend on a process's current folder.
  ///
  /// - Throws: `GatewayError` if the current folder no longer exists.
  static func absolute(_ path: String) throws(GatewayError) -> String {
    guard !path.hasPrefix("/") else { return FilePath(path).lexicallyNormalized().string }
    let current = FileManager.default.currentDirectoryPath
    guard current.hasPrefix("/") else {
      throw GatewayError(
        .badInput, "\(path) is relative, but the current folder no longer exists; pass an absolute path")
    }
    return FilePath(current).appending(path).lexicallyNormalized().string
  }

  /// Creates the folder and its parents, accessible only to the owner and the group; does nothing if the folder exists.
  ///
  /// - Throws: `GatewayError` if that is not possible.
  static func make(_ path: String) throws(GatewayError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      throw GatewayError(
        .forbidden, "cannot create the folder \(path): a file has its name, or this user may not write to its parent")
    }
  }

  /// Removes the folder with everything in it, as far as possible.
  static func remove(_ path: String) {
    // The system clears whatever is left in the temporary folder.
    try? FileManager.default.removeItem(atPath: path)
  }
}
