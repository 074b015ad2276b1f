@preconcurrency import Glibc

/// Ends a process of the system.
public enum ProcessEnd {
  /// Ends the process at once with an exit status, after flushing standard output and error.
  ///
  /// Handlers registered with `atexit` do not run. Other threads are still at work when a process ends, and such
  /// handlers free what those threads use: OpenSSL's handler, for example, frees locks that a database connection still
  /// uses.
  public static func exit(with status: Int32) -> Never {
    fflush(stdout)
    fflush(stderr)
    _exit(status)
  }
}
