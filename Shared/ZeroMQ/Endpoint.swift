import Glibc

/// The address that a socket is bound or connected to: a Unix socket, or a TCP port protected by CURVE keys.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
  /// A location on one of the two transports.
  public enum Place: Sendable, Hashable {
    /// The absolute path of a Unix socket.
    case unixSocket(path: String)
    /// A TCP port. The host is a name, an address (IPv6 in brackets), or `*` to bind every interface.
    case tcp(host: String, port: Int)
  }

  /// The transport and the location on it.
  public let place: Place
  /// The server's public key. Only clients that connect over TCP need it.
  public var serverKey: CurveKey?

  /// The maximum length of a Unix socket's path on Linux, in bytes: the size of `sun_path` less the terminating NUL.
  public static let maximumPathLength = 107

  /// Creates the endpoint of a Unix socket.
  ///
  /// - Throws: `invalidEndpoint` if the path is relative, empty or longer than 107 bytes.
  public init(path: String) throws(ZeroMQError) {
    guard path.hasPrefix("/") else {
      throw ZeroMQError(.invalidEndpoint, "\"\(path)\" is not an absolute path; a socket's path must start with /")
    }
    guard path.utf8.count <= Self.maximumPathLength else {
      throw ZeroMQError(
        .invalidEndpoint,
        "the socket path \(path) has \(path.utf8.count) bytes, but a Unix socket's path can have at most "
          + "\(Self.maximumPathLength); choose a shorter folder with --run-dir or GONOGO_RUN")
    }
    place = .unixSocket(path: path)
  }

  /// Parses an `ipc://` URL such as `ipc:///run/gonogo/bus.sock`, a plain absolute path, or `tcp://HOST:PORT`.
  ///
  /// - Throws: `invalidEndpoint` if the text has none of these forms.
  public init(_ text: String) throws(ZeroMQError) {
    if text.hasPrefix("ipc://") {
      try self.init(path: String(text.dropFirst("ipc://".count)))
    } else if text.hasPrefix("tcp://") {
      self.init(place: try Self.tcp(text))
    } else if text.contains("://") {
      throw ZeroMQError(
        .invalidEndpoint, "unsupported endpoint \(text); expected an absolute path, ipc://PATH or tcp://HOST:PORT")
    } else {
      try self.init(path: text)
    }
  }

  /// Reads endpoints that are separated by commas, with or without spaces around them.
  ///
  /// - Throws: `invalidEndpoint` for the first invalid one.
  public static func list(_ text: String) throws(ZeroMQError) -> [Endpoint] {
    var endpoints: [Endpoint] = []
    for part in text.split(separator: ",") {
      var trimmed = part.drop(while: \.isWhitespace)
      while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
      endpoints.append(try Endpoint(String(trimmed)))
    }
    return endpoints
  }

  init(place: Place) { self.place = place }

  private static func tcp(_ text: String) throws(ZeroMQError) -> Place {
    let rest = text.dropFirst("tcp://".count)
    guard let colon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)...]), port > 0 else {
      throw ZeroMQError(
        .invalidEndpoint, "\(text) has no valid port; expected tcp://HOST:PORT, with a port from 1 to 65535")
    }
    let host = String(rest[..<colon])
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    guard !host.isEmpty, isBracketed || !host.contains(where: { ":[]/@ ".contains($0) }) else {
      throw ZeroMQError(
        .invalidEndpoint,
        "\(text) has no valid host; expected tcp://HOST:PORT, with a name or an address (IPv6 in brackets) as HOST")
    }
    return .tcp(host: host, port: Int(port))
  }

  /// The path of the Unix socket; nil for TCP.
  public var path: String? {
    guard case .unixSocket(let path) = place else { return nil }
    return path
  }

  /// Whether the endpoint is a TCP port, which cannot be bound or connected to without keys.
  public var isTCP: Bool { path == nil }

  /// The endpoint in libzmq's notation.
  public var address: String {
    switch place {
    case .unixSocket(let path): "ipc://\(path)"
    case .tcp(let host, let port): "tcp://\(host):\(port)"
    }
  }

  public var description: String { address }
}

/// The exclusive right to bind a path, held as a lock on a file beside it.
///
/// libzmq's bind deletes whatever is at the path, even a live service's socket. Therefore the claim takes a lock and
/// checks the path before anything is bound.
final class EndpointClaim {
  let path: String
  private var descriptor: Int32

  /// Claims the path for this process.
  ///
  /// - Throws: `inUse`, `notASocket`, `permissionDenied` or `system`, in each case without changing anything at the
  ///   path.
  init(_ path: String) throws(ZeroMQError) {
    self.path = path
    let lockPath = path + ".lock"
    descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else { throw ZeroMQError.system("cannot open the lock file \(lockPath)", errno) }
    do throws(ZeroMQError) {
      try lock(lockPath)
      try checkPath()
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
        "\(path) is in use by another process\(lockHolder()); stop it, or choose another folder with --run-dir")
    }
    let text = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
      throw ZeroMQError.system("cannot write \(lockPath)", errno)
    }
  }

  /// Returns the pid that the holder wrote to the lock file, ready to append to a message; empty if there is none.
  private func lockHolder() -> String {
    var buffer = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return "" }
    let digits = buffer[..<count].prefix { (0x30...0x39).contains($0) }
    return digits.isEmpty ? "" : " (pid \(String(decoding: digits, as: UTF8.self)))"
  }

  private func checkPath() throws(ZeroMQError) {
    switch SocketProbe.probe(path) {
    case .absent, .stale: return
    case .live:
      throw ZeroMQError(
        .inUse, "\(path) is in use by another process; stop it, or choose another folder with --run-dir")
    case .notASocket:
      throw ZeroMQError(
        .notASocket, "\(path) exists but is not a socket; move it away, or choose another folder with --run-dir")
    case .denied:
      throw ZeroMQError(
        .permissionDenied, "permission denied on \(path); run as its owner, or choose another folder with --run-dir")
    case .unknown(let code): throw ZeroMQError.system("cannot examine \(path)", code)
    }
  }

  /// Removes the socket file; the path stays claimed.
  func removeSocket() { unlink(path) }

  /// Releases the claim.
  deinit {
    guard descriptor >= 0 else { return }
    // Closing alone is not enough: a child process that is just starting may still have the descriptor for a moment.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
