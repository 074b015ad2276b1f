/// Where a socket is bound or connected to: `ipc://` with an absolute path, the only transport without keys.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
  /// The path of the Unix socket.
  public let path: String

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
    self.path = path
  }

  /// Reads `ipc:///run/gonogo/bus.sock` or a plain absolute path.
  public init(_ text: String) throws(ZeroMQError) {
    if text.hasPrefix("ipc://") {
      try self.init(path: String(text.dropFirst("ipc://".count)))
    } else if text.contains("://") {
      throw ZeroMQError(
        .invalidEndpoint, "\(text) cannot be used: endpoints are ipc:// paths, for tcp:// needs CURVE keys")
    } else {
      try self.init(path: text)
    }
  }

  /// As libzmq takes it.
  public var address: String { "ipc://\(path)" }

  public var description: String { address }
}
