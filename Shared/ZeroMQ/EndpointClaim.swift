import Glibc

/// The right to bind a path, held by a lock on a file beside it.
///
/// libzmq's bind deletes whatever is at the path, a live service's socket included. So a lock is taken first, and what is at
/// the path is looked at.
final class EndpointClaim {
  let path: String
  private var descriptor: Int32

  /// Claims the path for this process.
  ///
  /// - Throws: `inUse`, `notASocket`, `permissionDenied` or `system`; nothing at the path has been changed.
  init(_ path: String) throws(ZeroMQError) {
    self.path = path
    let lockPath = path + ".lock"
    descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else { throw ZeroMQError.system("cannot open the lock file \(lockPath)", errno) }
    do throws(ZeroMQError) {
      try lock(lockPath)
      try examine()
    } catch {
      close(descriptor)
      descriptor = -1
      throw error
    }
  }

  private func lock(_ lockPath: String) throws(ZeroMQError) {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw ZeroMQError.system("cannot lock \(lockPath)", errno) }
      throw ZeroMQError(
        .inUse,
        "\(path) is served by another process\(holder()); stop that one, or choose another folder with --run-dir")
    }
    let text = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
      throw ZeroMQError.system("cannot write \(lockPath)", errno)
    }
  }

  /// The process that has the lock, as it wrote itself down.
  private func holder() -> String {
    var buffer = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return "" }
    let digits = buffer[..<count].prefix { (0x30...0x39).contains($0) }
    return digits.isEmpty ? "" : " (pid \(String(decoding: digits, as: UTF8.self)))"
  }

  private func examine() throws(ZeroMQError) {
    switch SocketProbe.look(at: path) {
    case .nothing, .stale: return
    case .live:
      throw ZeroMQError(.inUse, "\(path) is served by another process; stop that one, or choose another folder")
    case .notASocket:
      throw ZeroMQError(.notASocket, "\(path) is a file and no socket; it is left alone: move it away")
    case .denied:
      throw ZeroMQError(.permissionDenied, "there is a socket at \(path) that this user may not touch")
    case .unknown(let code): throw ZeroMQError.system("cannot look at \(path)", code)
    }
  }

  /// Removes the socket file; the path stays claimed.
  func removeSocket() { unlink(path) }

  /// Gives the path free.
  deinit {
    guard descriptor >= 0 else { return }
    // A child that is just being started may hold the descriptor a moment longer.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
