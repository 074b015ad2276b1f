import Glibc

/// Where a socket is bound or connected to: a Unix socket, or a TCP port that CURVE keys guard.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
  /// A place of one of the two transports.
  public enum Place: Sendable, Hashable {
    /// The absolute path of a Unix socket.
    case unixSocket(path: String)
    /// A port; the host is a name or an address, in brackets where it is of IPv6, or `*` to bind every interface.
    case tcp(host: String, port: Int)
  }

  /// Where it is.
  public let place: Place
  /// The public key that the server proves itself by; a client needs it to connect over TCP, and nobody else.
  public var serverKey: CurveKey?

  /// The bytes that a Unix socket's path can have on Linux, `sun_path` less its final zero.
  public static let maximumPathLength = 107

  /// A Unix socket.
  ///
  /// - Throws: `invalidEndpoint` where the path is relative, empty or longer than 107 bytes.
  public init(path: String) throws(ZeroMQError) {
    guard path.hasPrefix("/") else {
      throw ZeroMQError(.invalidEndpoint, "\"\(path)\" is no absolute path; a socket's path begins with /")
    }
    guard path.utf8.count <= Self.maximumPathLength else {
      throw ZeroMQError(
        .invalidEndpoint,
        "\(path) has \(path.utf8.count) bytes, and a Unix socket's path has at most \(Self.maximumPathLength); "
          + "choose a shorter folder with --run-dir or GONOGO_RUN")
    }
    place = .unixSocket(path: path)
  }

  /// Reads `ipc:///run/gonogo/bus.sock`, a plain absolute path, or `tcp://HOST:PORT`.
  ///
  /// - Throws: `invalidEndpoint` where it is none of them.
  public init(_ text: String) throws(ZeroMQError) {
    if text.hasPrefix("ipc://") {
      try self.init(path: String(text.dropFirst("ipc://".count)))
    } else if text.hasPrefix("tcp://") {
      self.init(place: try Self.tcp(text))
    } else if text.contains("://") {
      throw ZeroMQError(.invalidEndpoint, "\(text) cannot be used: endpoints are ipc:// paths or tcp://HOST:PORT")
    } else {
      try self.init(path: text)
    }
  }

  /// Reads endpoints that are separated by commas, with or without spaces around them.
  ///
  /// - Throws: `invalidEndpoint` for the first that is none.
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
      throw ZeroMQError(.invalidEndpoint, "\(text) has no port from 1 to 65535; write tcp://HOST:PORT")
    }
    let host = String(rest[..<colon])
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    guard !host.isEmpty, isBracketed || !host.contains(where: { ":[]/@ ".contains($0) }) else {
      throw ZeroMQError(
        .invalidEndpoint, "\(text) names no host; write a name or an address, in brackets where it is of IPv6")
    }
    return .tcp(host: host, port: Int(port))
  }

  /// The path of the Unix socket; nil for TCP.
  public var path: String? {
    guard case .unixSocket(let path) = place else { return nil }
    return path
  }

  /// Whether it is a TCP port, which is bound and connected to with keys alone.
  public var isTCP: Bool { path == nil }

  /// As libzmq takes it.
  public var address: String {
    switch place {
    case .unixSocket(let path): "ipc://\(path)"
    case .tcp(let host, let port): "tcp://\(host):\(port)"
    }
  }

  public var description: String { address }
}

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
