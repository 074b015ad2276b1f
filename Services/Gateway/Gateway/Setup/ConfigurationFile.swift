import Glibc
import SystemPackage

/// A file that `gonogo init` writes.
struct ConfigurationFile: Sendable, Hashable {
  var name: String
  /// What it is, in a few words.
  var purpose: String
  var content: String

  /// Writes it whole or not at all.
  ///
  /// - Throws: `GatewayError` with what the system says.
  func write(in folder: String) throws(GatewayError) {
    let path = FilePath(folder).appending(name)
    let draft = FilePath(folder).appending(".\(name).draft")
    do {
      let descriptor = try FileDescriptor.open(
        draft, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try descriptor.closeAfter { _ = try descriptor.writeAll(content.utf8) }
      try draft.move(to: path)
    } catch {
      throw GatewayError(.unavailable, "cannot write \(path): \(error)")
    }
  }
}

extension FilePath {
  /// Renames the file, in place of whatever is at the other path.
  fileprivate func move(to other: FilePath) throws {
    guard rename(string, other.string) == 0 else { throw Errno(rawValue: errno) }
  }
}
