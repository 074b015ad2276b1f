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
