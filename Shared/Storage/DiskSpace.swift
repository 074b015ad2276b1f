import Foundation

/// Whether the file system of a store has space left.
public enum DiskSpace {
  /// The minimum number of bytes that a store needs: for its first pages, and the files beside it.
  private static let needed = 256 << 10

  /// Returns the message for a disk without space, such as `the disk is full: /var/lib/gonogo/bus, 0 MiB free`.
  ///
  /// - Parameter path: a file on the disk, whose folder is named.
  public static func fullMessage(forFile path: String) -> String {
    fullMessage(URL(filePath: path).deletingLastPathComponent().path)
  }

  /// Returns the message for a disk without space.
  ///
  /// - Parameter folder: a folder on the disk.
  public static func fullMessage(_ folder: String) -> String {
    guard let free = freeBytes(folder) else { return "the disk is full: \(folder)" }
    return "the disk is full: \(folder), \(free >> 20) MiB free"
  }

  /// Returns whether the folder's disk accepts no more data, or the user's quota is used up. Tries to write a file.
  public static func isFull(_ folder: String) -> Bool {
    if let free = freeBytes(folder), free < needed { return true }
    let path = "\(folder)/.space-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return isFull(errno) }
    defer {
      _ = close(descriptor)
      _ = unlink(path)
    }
    let bytes = [UInt8](repeating: 1, count: needed)
    var written = 0
    while written < needed {
      let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return isFull(errno) }
      written += count
    }
    return false
  }

  /// Returns whether a system call failed because the disk is full.
  static func isFull(_ code: Int32) -> Bool { code == ENOSPC || code == EDQUOT }

  /// Returns the free bytes of the folder's file system, or of that of the nearest existing parent; nil if unknown.
  private static func freeBytes(_ folder: String) -> UInt64? {
    var space = statvfs()
    var url = URL(filePath: folder)
    while statvfs(url.path, &space) != 0 {
      guard url.pathComponents.count > 1 else { return nil }
      url.deleteLastPathComponent()
    }
    return UInt64(space.f_bavail) * UInt64(space.f_frsize)
  }
}
