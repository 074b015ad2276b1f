import FoundationEssentials
import Glibc
import SystemPackage

/// Folders that the gateway makes and hands to the services.
enum Folder {
  /// The path from the root, which stays right whatever folder a process runs in.
  ///
  /// - Throws: `GatewayError` where the current folder is gone.
  static func absolute(_ path: String) throws(GatewayError) -> String {
    guard !path.hasPrefix("/") else { return FilePath(path).lexicallyNormalized().string }
    let current = FileManager.default.currentDirectoryPath
    guard current.hasPrefix("/") else {
      throw GatewayError(.badInput, "\(path) is relative, and the current folder is gone")
    }
    return FilePath(current).appending(path).lexicallyNormalized().string
  }

  /// Makes the folder and those above it, readable by the owner and the group alone; nothing where it is there.
  ///
  /// - Throws: `GatewayError` with what the system says.
  static func make(_ path: String) throws(GatewayError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      throw GatewayError(
        .forbidden, "the folder \(path) cannot be made: a file is in its way, or this user may not write above it")
    }
  }

  /// Removes the folder with everything in it, as far as that is possible.
  static func remove(_ path: String) {
    // What stays behind in the temporary folder is the system's to clear.
    try? FileManager.default.removeItem(atPath: path)
  }
}
