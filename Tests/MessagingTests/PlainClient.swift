import CZeroMQ
import Dispatch
import JSON
import Testing

/// A libzmq socket used directly, like a program in another language.
///
/// Sendable by hand: the socket is used only on its queue, so that waiting for it blocks no task.
final class PlainClient: @unchecked Sendable {
  private let queue = DispatchQueue(label: "plain client")
  private let context: UnsafeMutableRawPointer
  private let socket: UnsafeMutableRawPointer

  init(_ kind: Int32, _ path: String) throws {
    context = try #require(zmq_ctx_new())
    socket = try #require(zmq_socket(context, kind))
    var linger: Int32 = 0
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, MemoryLayout<Int32>.size)
    #expect(zmq_connect(socket, "ipc://\(path)") == 0)
  }

  deinit {
    zmq_close(socket)
    zmq_ctx_term(context)
  }

  func send(_ frames: [[UInt8]]) {
    queue.async { [self] in
      for (index, frame) in frames.enumerated() {
        let more = index < frames.count - 1 ? ZMQ_SNDMORE : 0
        _ = frame.withUnsafeBytes { zmq_send(socket, $0.baseAddress, $0.count, more) }
      }
    }
  }

  /// The next message; records an issue if none arrives within a minute.
  func receive() async throws -> [[UInt8]] {
    try #require(await receive(within: 60_000), "nothing came within a minute")
  }

  /// The next message; nil if none arrives within the given milliseconds.
  func receive(within milliseconds: Int32) async -> [[UInt8]]? {
    await withCheckedContinuation { continuation in
      queue.async { [self] in continuation.resume(returning: receiveNow(milliseconds)) }
    }
  }

  private func receiveNow(_ milliseconds: Int32) -> [[UInt8]]? {
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

  /// The next message's envelope, after an empty frame.
  func receiveEnvelope() async throws -> JSONValue {
    let frames = try await receive()
    try #require(frames.count >= 2)
    #expect(frames[0].isEmpty)
    return try JSONValue(parsing: frames[1])
  }
}
