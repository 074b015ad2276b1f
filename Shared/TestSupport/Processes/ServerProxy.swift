import Foundation
import Synchronization

/// A proxy in front of a PostgreSQL server, through which one host reaches the server, and which can fail as networks
/// do.
public final class ServerProxy: Sendable {
  /// The treatment of connections.
  public enum Behaviour: Sendable, Hashable {
    /// Forwards all data.
    case passing
    /// Forwards all data, each piece after a delay.
    case delaying(milliseconds: Int32)
    /// Accepts connections, but forwards no data in either direction.
    case stalled
    /// Ends all connections, including each new one at once.
    case cut
  }

  private struct State {
    var behaviour = Behaviour.passing
    var isStopped = false
  }

  /// The URL of the database through the proxy.
  public let url: String
  private let listener: Int32
  private let server: sockaddr_in
  private let state = Mutex(State())

  /// - Parameter url: the database's URL, with the server's IPv4 address and port.
  public init(to url: String) throws {
    guard var components = URLComponents(string: url), let host = components.host, let port = components.port else {
      throw ProcessError(message: "a proxy needs a database URL with an address and a port")
    }
    var server = sockaddr_in()
    server.sin_family = sa_family_t(AF_INET)
    server.sin_port = in_port_t(port).bigEndian
    inet_pton(AF_INET, host, &server.sin_addr)
    self.server = server
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var own = sockaddr_in()
    own.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, "127.0.0.1", &own.sin_addr)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (descriptor, length) = (listener, size)
    let isBound = withUnsafeMutablePointer(to: &own) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard isBound else { throw ProcessError(message: "the proxy cannot listen: \(String(cString: strerror(errno)))") }
    components.host = "127.0.0.1"
    components.port = Int(in_port_t(bigEndian: own.sin_port))
    self.url = components.string ?? url
    Thread.detachNewThread { self.accept() }
  }

  /// Changes the treatment of both existing and new connections.
  public func set(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }

  /// Ends all connections and the proxy.
  public func stop() { state.withLock { $0.isStopped = true } }

  private var behaviour: Behaviour? { state.withLock { $0.isStopped ? nil : $0.behaviour } }

  private func accept() {
    defer { close(listener) }
    while let behaviour {
      guard Self.isReadable(listener) else { continue }
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { continue }
      if behaviour == .cut {
        close(client)
      } else {
        Thread.detachNewThread { self.serve(client) }
      }
    }
  }

  private func serve(_ client: Int32) {
    defer { close(client) }
    let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(upstream) }
    var server = server
    let isConnected = withUnsafePointer(to: &server) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { return }
    for end in [client, upstream] {
      var yes: Int32 = 1
      setsockopt(end, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while let behaviour, behaviour != .cut {
      if behaviour == .stalled {
        Self.pause(10)
        continue
      }
      var ends = [client, upstream].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&ends, 2, 20) > 0 else { continue }
      if case .delaying(let milliseconds) = behaviour { Self.pause(milliseconds) }
      if self.behaviour == .stalled { continue }
      for (index, other) in [(0, upstream), (1, client)] where ends[index].revents != 0 {
        let count = read(ends[index].fd, &buffer, buffer.count)
        guard count > 0, Self.send(buffer[..<count], to: other) else { return }
      }
    }
  }

  private static func pause(_ milliseconds: Int32) { _ = poll(nil, 0, milliseconds) }

  private static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  private static func isReadable(_ descriptor: Int32) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&item, 1, 50) > 0
  }
}

/// Runs the body with a proxy in front of a database for each of several hosts.
public func withServerProxies<R>(
  _ count: Int, to url: String, _ body: ([ServerProxy]) async throws -> R
) async throws -> R {
  var proxies: [ServerProxy] = []
  defer { for proxy in proxies { proxy.stop() } }
  for _ in 0..<count { proxies.append(try ServerProxy(to: url)) }
  return try await body(proxies)
}
