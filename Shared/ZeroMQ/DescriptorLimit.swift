import Glibc

/// How many file descriptors this process may have.
///
/// A listener of libzmq aborts the process when they run out, so a process that binds raises its limit first.
public enum DescriptorLimit {
  /// The limit now.
  public static var current: UInt64 {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    return UInt64(limit.rlim_cur)
  }

  /// Raises the soft limit as far as the hard one lets it, up to 1,048,576.
  ///
  /// - Returns: the limit after.
  @discardableResult
  public static func raise() -> UInt64 {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    let wanted = min(limit.rlim_max, 1_048_576)
    guard limit.rlim_cur < wanted else { return UInt64(limit.rlim_cur) }
    limit.rlim_cur = wanted
    guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return current }
    return UInt64(wanted)
  }
}
