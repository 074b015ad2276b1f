import CZeroMQ
import Glibc

/// Returns the message for an `errno`, including libzmq's own codes.
func errorText(_ code: Int32) -> String {
  zmq_strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

extension ZeroMQError {
  /// Creates an error from an error code, by default the calling thread's current `errno`.
  static func system(_ what: String, _ code: Int32 = zmq_errno()) -> ZeroMQError {
    ZeroMQError(code == EACCES ? .permissionDenied : .system, "\(what): \(errorText(code))")
  }
}

/// What exists at the path of a Unix socket.
enum SocketProbe: Equatable {
  case absent
  case notASocket
  /// A socket file on which no process is listening.
  case stale
  case live
  case denied
  case unknown(Int32)

  /// Examines the path and, if there is a socket, tries to connect to it without blocking.
  static func probe(_ path: String) -> SocketProbe {
    var info = stat()
    guard lstat(path, &info) == 0 else {
      switch errno {
      case ENOENT, ENOTDIR: return .absent
      case EACCES: return .denied
      default: return .unknown(errno)
      }
    }
    guard info.st_mode & S_IFMT == S_IFSOCK else { return .notASocket }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return .unknown(errno) }
    defer { close(descriptor) }
    guard connectTo(path, descriptor) != 0 else { return .live }
    switch errno {
    case EAGAIN, EINPROGRESS: return .live
    case ECONNREFUSED: return .stale
    case EACCES, EPERM: return .denied
    case ENOENT: return .absent
    default: return .unknown(errno)
    }
  }

  private static func connectTo(_ path: String, _ descriptor: Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    let bytes = Array(path.utf8.prefix(capacity - 1))
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}

/// The maximum number of file descriptors of this process.
///
/// A libzmq listener aborts the process when descriptors run out, so that a process raises its limit before it binds.
public enum DescriptorLimit {
  /// The current soft limit; 0 if it cannot be read.
  public static var current: UInt64 {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    return UInt64(limit.rlim_cur)
  }

  /// Raises the soft limit to the hard limit, but to at most 1,048,576.
  ///
  /// - Returns: the resulting soft limit.
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
