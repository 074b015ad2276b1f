import Glibc
import Testing

/// A connection that speaks ZMTP 3 without libzmq, and so can break every rule but the handshake's.
final class RawPeer {
  private let descriptor: Int32
  private var unread: [UInt8] = []

  /// Connects and, by default, completes the handshake as a DEALER.
  init(_ path: String, shakesHands: Bool = true) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    try #require(isConnected)
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard shakesHands else { return }
    let mechanism = Array("NULL".utf8) + [UInt8](repeating: 0, count: 16)
    #expect(
      send([0xff] + [UInt8](repeating: 0, count: 8) + [0x7f, 3, 0] + mechanism + [UInt8](repeating: 0, count: 32)))
    _ = try #require(take(64))
    let ready = [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6] + Array("DEALER".utf8)
    #expect(send([4, UInt8(ready.count)] + ready))
    _ = try #require(frame())
  }

  deinit { close(descriptor) }

  /// A frame as it is on the wire.
  static func frame(_ body: [UInt8], more: Bool = false) -> [UInt8] {
    if body.count < 256 { return [more ? 1 : 0, UInt8(body.count)] + body }
    let length = (0..<8).reversed().map { UInt8(truncatingIfNeeded: body.count >> ($0 * 8)) }
    return [more ? 3 : 2] + length + body
  }

  /// Sends all of the bytes; returns false if the server has closed the connection.
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// The flags and the body of the next frame; nil if the server has closed the connection.
  func frame() -> (flags: UInt8, body: [UInt8])? {
    guard let flags = take(1)?.first,
      let length = take(flags & 2 == 0 ? 1 : 8)?.reduce(0, { $0 << 8 | Int($1) }), let body = take(length)
    else { return nil }
    return (flags, body)
  }

  /// Waits until the server closes the connection; returns false if it sends something instead, or does neither.
  func isClosedByServer() -> Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, 0) == 0 || errno == ECONNRESET
  }

  private func take(_ count: Int) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while unread.count < count {
      let received = recv(descriptor, &buffer, buffer.count, 0)
      guard received > 0 else { return nil }
      unread += buffer[..<received]
    }
    defer { unread.removeFirst(count) }
    return Array(unread[..<count])
  }
}
