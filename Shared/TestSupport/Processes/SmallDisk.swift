import Foundation
import Glibc

/// A file system of a few MiB in memory, which can be filled. Mounting one needs root.
public struct SmallDisk: Sendable {
  private let path: String
  private var filler: String { "\(path)/filler" }

  /// Whether this process may mount one.
  public static let isAvailable: Bool = {
    let path = "/tmp/gg-mount-\(getpid())"
    guard geteuid() == 0, mkdir(path, 0o700) == 0 else { return false }
    defer { _ = rmdir(path) }
    guard mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0 else { return false }
    return umount(path) == 0
  }()

  /// Mounts it over an empty folder.
  public init(at path: String, mebibytes: Int = 4) throws {
    guard mount("tmpfs", path, "tmpfs", 0, "size=\(mebibytes)m") == 0 else {
      throw ProcessError(message: "cannot mount: \(String(cString: strerror(errno)))")
    }
    self.path = path
  }

  /// Writes a file until no space is left.
  public func fill() throws {
    let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ProcessError(message: "cannot fill the disk: \(String(cString: strerror(errno)))")
    }
    defer { _ = close(descriptor) }
    let bytes = [UInt8](repeating: 1, count: 4_096)
    while write(descriptor, bytes, bytes.count) > 0 {}
  }

  /// Deletes the file that fills it.
  public func empty() { _ = unlink(filler) }

  /// Unmounts it, even while files on it are open.
  public func remove() { _ = umount2(path, Int32(MNT_DETACH)) }
}
