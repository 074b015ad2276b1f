import Glibc
import SystemPackage

/// The space left on the disk of a folder.
struct DiskRoom: Sendable, Hashable {
  /// Free bytes below which no service can start: the first pages of its store, and the files beside it.
  private static let needed: UInt64 = 256 << 10

  var folder: String
  /// The free bytes.
  var free: UInt64

  init(folder: String, free: UInt64) {
    self.folder = folder
    self.free = free
  }

  /// Reads the space left for the folder, or for the nearest parent that exists; nil if that is not known.
  init?(of folder: String) {
    var space = statvfs()
    var path = FilePath(folder)
    while statvfs(path.string, &space) != 0 {
      guard path.removeLastComponent() else { return nil }
    }
    guard space.f_blocks > 0 else { return nil }
    self.init(folder: folder, free: UInt64(space.f_bavail) * UInt64(space.f_frsize))
  }

  /// Whether no service can start.
  var isFull: Bool { free < Self.needed }

  /// The message for a full disk, in the services' words.
  var fullMessage: String { "the disk is full: \(folder), \(free >> 20) MiB free" }
}
