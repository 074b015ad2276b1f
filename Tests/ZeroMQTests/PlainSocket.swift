import CZeroMQ
import Foundation
import Testing

/// A libzmq socket used directly, like a program in another language.
final class PlainSocket {
  private let context: UnsafeMutableRawPointer
  private let socket: UnsafeMutableRawPointer

  init(_ kind: Int32, _ path: String, receiveHighWaterMark: Int32 = 1_000) throws {
    context = try #require(zmq_ctx_new())
    socket = try #require(zmq_socket(context, kind))
    var (mark, linger, timeout) = (receiveHighWaterMark, Int32(0), Int32(60_000))
    zmq_setsockopt(socket, ZMQ_RCVHWM, &mark, MemoryLayout<Int32>.size)
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, MemoryLayout<Int32>.size)
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &timeout, MemoryLayout<Int32>.size)
    #expect(zmq_connect(socket, "ipc://\(path)") == 0)
  }

  deinit {
    zmq_close(socket)
    zmq_ctx_term(context)
  }

  func send(_ frames: [[UInt8]]) {
    for (index, frame) in frames.enumerated() {
      let more = index < frames.count - 1 ? ZMQ_SNDMORE : 0
      #expect(frame.withUnsafeBytes { zmq_send(socket, $0.baseAddress, $0.count, more) } == frame.count)
    }
  }

  /// The next message; nil if none arrives in time.
  func receive(within milliseconds: Int32 = 60_000) -> [[UInt8]]? {
    var timeout = milliseconds
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &timeout, MemoryLayout<Int32>.size)
    var frames: [[UInt8]] = []
    var message = zmq_msg_t()
    zmq_msg_init(&message)
    defer { zmq_msg_close(&message) }
    repeat {
      guard zmq_msg_recv(&message, socket, 0) >= 0 else { return nil }
      frames.append([UInt8](UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: zmq_msg_size(&message))))
    } while zmq_msg_more(&message) != 0
    return frames
  }
}

/// A Unix socket created without libzmq.
final class PlainListener {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    try #require(isBound && listen(descriptor, 8) == 0)
  }

  /// Closes it; its file remains, as after a crash.
  deinit { close(descriptor) }
}

/// Another user, for the reactor's thread only.
enum OtherUser {
  /// The user and group `nobody` on Debian.
  static let uid: UInt32 = 65_534

  private typealias SystemCall = @convention(c) (Int, Int, Int, Int) -> Int

  /// Runs the calling thread, and the threads it starts, as that user: the raw system call affects one thread only.
  static func assume() -> Bool {
    #if arch(x86_64)
      let (setgroups, setresgid, setresuid) = (116, 119, 117)
    #else
      let (setgroups, setresgid, setresuid) = (159, 149, 147)
    #endif
    guard let symbol = dlsym(nil, "syscall") else { return false }
    // Safe: `syscall` takes and returns whole words for every call; no floating point is passed.
    let call = unsafeBitCast(symbol, to: SystemCall.self)
    let id = Int(uid)
    return call(setgroups, 0, 0, 0) == 0 && call(setresgid, id, id, id) == 0 && call(setresuid, id, id, id) == 0
  }
}

extension Trait where Self == ConditionTrait {
  /// Only root may switch users.
  static var needsRoot: Self { .enabled(if: geteuid() == 0, "needs root to act as another user") }
}
