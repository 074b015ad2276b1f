import Glibc
import Synchronization

/// A file descriptor for text output that records whether all text was written. Everything that a process prints to its
/// standard streams passes through one.
public final class TextStream: Sendable {
  /// Why a stream accepts no more text.
  public enum Failure: Sendable, Hashable {
    /// The reader closed the pipe; it has read what it wanted.
    case nobodyReads
    /// The text cannot be written, with the system's reason, such as `No space left on device`.
    case unwritable(reason: String)
  }

  /// The stream of results.
  public static let output = TextStream(descriptor: 1)
  /// The stream of messages. Each message is attempted, even after an earlier one failed.
  public static let diagnostics = TextStream(descriptor: 2, stopsAtFailure: false)
  /// A stream that discards everything.
  public static let nowhere = TextStream(descriptor: -1)

  /// The descriptor; negative if everything is discarded.
  public let descriptor: CInt
  private let stopsAtFailure: Bool
  private let state = Mutex<Failure?>(nil)

  /// Creates a stream that writes to an open descriptor.
  ///
  /// - Parameter stopsAtFailure: whether nothing more is written after a failure, so that the output has no gaps.
  public init(descriptor: CInt, stopsAtFailure: Bool = true) {
    self.descriptor = descriptor
    self.stopsAtFailure = stopsAtFailure
  }

  /// Why the stream accepts no more text; nil if it does.
  public var failure: Failure? { state.withLock(\.self) }

  /// Writes the text, unless an earlier failure has stopped the stream.
  public func write(_ text: String) {
    guard descriptor >= 0 else { return }
    let bytes = Array(text.utf8)
    state.withLock { failure in
      if failure == nil || !stopsAtFailure { failure = Self.write(bytes, to: descriptor) }
    }
  }

  /// Writes the text and a line break.
  public func writeLine(_ text: String) { write(text + "\n") }

  /// Reports failures that some file systems reveal only when a file is closed. The descriptor stays open.
  ///
  /// - Returns: why not everything was written; nil if it was, or if the reader has gone.
  public func unwrittenReason() -> String? {
    state.withLock { failure in
      if failure == nil, descriptor >= 0 {
        let copy = dup(descriptor)
        if copy >= 0, close(copy) != 0, errno != EINTR { failure = Self.failure(of: errno) }
      }
      guard case .unwritable(let reason) = failure else { return nil }
      return reason
    }
  }

  /// Opens `/dev/null` for standard descriptors that the process was started without. Otherwise a file or socket opened
  /// later would get one of their numbers, and results or messages would be written into it.
  public static func occupyMissingDescriptors() {
    for descriptor in CInt(0)...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // It is opened for the opposite direction, so that a write to the stream still fails.
      let opened = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
      if opened >= 0, opened != descriptor { close(opened) }
    }
  }

  private static func write(_ bytes: [UInt8], to descriptor: CInt) -> Failure? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if written < 0, errno == EAGAIN || errno == EWOULDBLOCK {
        // Another process on the same terminal or pipe has made it non-blocking.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
      } else if written == 0 || errno != EINTR {
        return failure(of: written == 0 ? EIO : errno)
      }
    }
    return nil
  }

  private static func failure(of code: CInt) -> Failure {
    code == EPIPE ? .nobodyReads : .unwritable(reason: String(cString: strerror(code)))
  }
}
