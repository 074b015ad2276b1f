import Foundation
import Synchronization

/// An exclusive lock on a file that the kernel gives up when the process ends, however it ends.
public final class FileLock: Sendable {
  /// Nil once it is released.
  private let held: Mutex<Int32?>

  /// Takes the lock at once or throws `StorageError` with code `.locked` that names the holder.
  ///
  /// - Parameters:
  ///   - path: the lock file, made when it is not there and left when the lock is released.
  ///   - purpose: what is locked, as a person would say it: `the data folder /var/lib/gonogo/tiering`.
  public init(path: String, purpose: String) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw StorageError(.cannotOpen, "cannot open the lock file \(path): \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = Self.holder(descriptor)
      _ = close(descriptor)
      throw StorageError(.locked, "\(purpose) is in use by another process\(holder); stop that one first")
    }
    let pid = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, pid, pid.count, 0) == pid.count else {
      _ = close(descriptor)
      throw StorageError(.cannotOpen, "cannot write the lock file \(path): \(String(cString: strerror(errno)))")
    }
    held = Mutex(descriptor)
  }

  deinit { release() }

  /// Gives the lock up; once is enough.
  public func release() {
    held.withLock { held in
      if let descriptor = held {
        // A child that is just being started may hold the descriptor a moment longer.
        _ = flock(descriptor, LOCK_UN)
        _ = close(descriptor)
      }
      held = nil
    }
  }

  /// ` (pid 4711)`, or nothing where the file does not say.
  private static func holder(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0, let pid = Int(String(decoding: bytes[0..<count].prefix { $0 != 0x0a }, as: UTF8.self)) else {
      return ""
    }
    return " (pid \(pid))"
  }
}
