import Foundation
import Synchronization

/// An exclusive lock on a file, which the kernel releases when the process exits for any reason.
public final class FileLock: Sendable {
  /// The locked file's descriptor; nil once released.
  private let held: Mutex<Int32?>

  /// Takes the lock without waiting, or throws `StorageError` with code `.locked`, naming the holder.
  ///
  /// - Parameters:
  ///   - path: the lock file, created if missing and left in place on release.
  ///   - purpose: what the lock protects, for messages, e.g. `the data folder /var/lib/gonogo/tiering`.
  public init(path: String, purpose: String) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Self.failure("cannot open", path, errno)
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = Self.holder(descriptor)
      _ = close(descriptor)
      throw StorageError(.locked, "\(purpose) is in use by another process\(holder); stop it first")
    }
    let pid = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, pid, pid.count, 0) == pid.count else {
      let code = errno
      _ = close(descriptor)
      throw Self.failure("cannot write", path, code)
    }
    held = Mutex(descriptor)
  }

  private static func failure(_ what: String, _ path: String, _ code: Int32) -> StorageError {
    if DiskSpace.isFull(code) { return StorageError(.diskFull, DiskSpace.fullMessage(forFile: path)) }
    return StorageError(.cannotOpen, "\(what) the lock file \(path): \(String(cString: strerror(code)))")
  }

  deinit { release() }

  /// Releases the lock. Further calls have no effect.
  public func release() {
    held.withLock { held in
      if let descriptor = held {
        // Closing alone is not enough: a child process that is just starting may still have the descriptor for a
        // moment.
        _ = flock(descriptor, LOCK_UN)
        _ = close(descriptor)
      }
      held = nil
    }
  }

  /// Returns the holder's pid for a message, such as ` (pid 4711)`; empty if the file contains none.
  private static func holder(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0, let pid = Int(String(decoding: bytes[0..<count].prefix { $0 != 0x0a }, as: UTF8.self)) else {
      return ""
    }
    return " (pid \(pid))"
  }
}
