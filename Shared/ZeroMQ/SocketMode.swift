import CZeroMQ
import Glibc

/// The mode of socket files: read and write for owner and group (0660).
enum SocketMode {
  /// Gives the calling thread a umask of its own, where the system lets it.
  ///
  /// A umask belongs to the process; without this, files that other threads make during a bind would lose rights.
  static func separateThread() { _ = gonogo_unshare_file_system_attributes() }

  /// Runs the body under umask 0117.
  static func withGroupAccessOnly(_ body: () throws(ZeroMQError) -> Void) throws(ZeroMQError) {
    let before = umask(0o117)
    defer { umask(before) }
    try body()
  }
}
