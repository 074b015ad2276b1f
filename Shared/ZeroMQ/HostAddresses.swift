import Glibc

/// The network addresses of a host, which determine which of several endpoints it can bind.
public struct HostAddresses: Sendable, Hashable {
  private let addresses: Set<NumericAddress>

  /// - Parameter addresses: IPv4 and IPv6 addresses such as `10.0.0.1` and `fe80::1`; other strings are ignored.
  public init(_ addresses: some Sequence<String>) { self.addresses = Set(addresses.compactMap { NumericAddress($0) }) }

  /// Returns the addresses that this host's interfaces have now; an empty set if the system does not list them.
  public static func current() -> HostAddresses {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return HostAddresses([]) }
    defer { freeifaddrs(first) }
    var texts: [String] = []
    var next = first
    while let interface = next {
      if let text = text(interface.pointee.ifa_addr) { texts.append(text) }
      next = interface.pointee.ifa_next
    }
    return HostAddresses(texts)
  }

  /// Returns the endpoints that a process on this host can bind: Unix sockets, every interface (`*`), loopback, and the
  /// host's own addresses. Names are not resolved, so an endpoint with a host name counts as another host's.
  public func bindable(_ endpoints: [Endpoint]) -> [Endpoint] {
    endpoints.filter { endpoint in
      guard case .tcp(let host, _) = endpoint.place else { return true }
      guard host != "*" else { return true }
      guard let address = NumericAddress(host.filter { $0 != "[" && $0 != "]" }) else { return false }
      return address.isLoopback || addresses.contains(address)
    }
  }

  private static func text(_ address: UnsafeMutablePointer<sockaddr>?) -> String? {
    guard let address, [sa_family_t(AF_INET), sa_family_t(AF_INET6)].contains(address.pointee.sa_family) else {
      return nil
    }
    let isIPv4 = address.pointee.sa_family == sa_family_t(AF_INET)
    let size = isIPv4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
    var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard getnameinfo(address, socklen_t(size), &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0 else {
      return nil
    }
    let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Strips the scope of a link-local address, such as `%eth0`.
    return String(text.prefix { $0 != "%" })
  }
}

/// An address as bytes, so that different spellings of one address are equal.
private struct NumericAddress: Sendable, Hashable {
  private let bytes: [UInt8]

  init?(_ text: String) {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 {
      self.bytes = Array(bytes.prefix(4))
    } else if inet_pton(AF_INET6, text, &bytes) == 1 {
      self.bytes = bytes
    } else {
      return nil
    }
  }

  /// Whether it is in 127.0.0.0/8, or is `::1`.
  var isLoopback: Bool { bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1] }
}
