import Glibc

/// The network addresses of a host, to tell which of several endpoints are its own.
public struct HostAddresses: Sendable, Hashable {
  /// As `10.0.0.1` and `fe80::1`.
  private let addresses: Set<NumericAddress>

  /// - Parameter addresses: as `10.0.0.1` and `fe80::1`; what is no address is passed over.
  public init(_ addresses: some Sequence<String>) { self.addresses = Set(addresses.compactMap { NumericAddress($0) }) }

  /// Those that this host's interfaces have now.
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

  /// Those of the endpoints that a process of this host can bind: Unix sockets, every interface (`*`), and its own addresses.
  /// Names are not looked up, so what has one is another's.
  public func own(_ endpoints: [Endpoint]) -> [Endpoint] {
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
    let isFour = address.pointee.sa_family == sa_family_t(AF_INET)
    let size = isFour ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
    var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    guard getnameinfo(address, socklen_t(size), &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0 else {
      return nil
    }
    let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // Without the interface that a link-local address is followed by.
    return String(text.prefix { $0 != "%" })
  }
}

/// An address by its bytes, however it is written.
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

  /// 127.0.0.0/8, and `::1`.
  var isLoopback: Bool { bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1] }
}
