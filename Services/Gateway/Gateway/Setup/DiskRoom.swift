import Glibc
import SystemPackage

/// The free space on a folder's disk.
struct DiskRoom: Sendable, Hashable {
  /// The free bytes below which no service can start: it needs the first pages of its store, and the files beside it.
  private static let needed: UInt64 = 256 << 10

  var folder: String
  /// The number of free bytes.
  var free: UInt64

  init(folder: String, free: UInt64) {
    self.folder = folder
    self.free = free
  }

  /// Reads the free space for the folder, or for its nearest existing parent; returns nil if that is not known.
  init?(of folder: String) {
    var space = statvfs()
    var path = FilePath(folder)
    while statvfs(path.string, &space) != 0 {
      guard path.removeLastComponent() else { return nil }
    }
    guard space.f_blocks > 0 else { return nil }
    self.init(folder: folder, free: UInt64(space.f_bavail) * UInt64(space.f_frsize))
  }

  /// Whether there is too little space for a service to start.
  var isFull: Bool { free < Self.needed }

  /// The message for a full disk, worded like the services' own.
  var fullMessage: String { "the disk is full: \(folder), \(free >> 20) MiB free" }
}
