import Dispatch
import Glibc
import Synchronization

/// Listens for notifications on a channel, with its own session and thread.
///
/// Delivery is not guaranteed: notifications sent while there is no session are lost. They are only hints to check for
/// changes, so receivers must also poll from time to time.
public final class PostgreSQLListener: Sendable {
  /// The pause before opening another session, in milliseconds.
  private static let pause: Int32 = 1_000

  private let connector: PostgreSQLConnector
  private let channel: String
  private let onNotification: @Sendable (_ payload: String?) -> Void
  /// A pipe whose read end becomes readable when the listener is stopped.
  private let stopping: (read: Int32, write: Int32)
  private let isRunning = Mutex(true)

  /// Starts listening.
  ///
  /// - Parameters:
  ///   - url: the URL in the form that `DatabaseLocation` accepts.
  ///   - schema: the schema, whose name is also that of the channel.
  ///   - onNotification: called on the listener's thread with the payload of each notification, and with nil when a
  /// session starts, because notifications may have been missed before.
  /// - Throws: `StorageError` if the URL is invalid or no file descriptor is available.
  public init(
    url: String, schema: String, onNotification: @escaping @Sendable (String?) -> Void
  ) throws(StorageError) {
    let address = try PostgreSQLAddress(url: url, schema: schema)
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw StorageError(
        .unavailable, "cannot listen for notifications: no file descriptors left; raise the limit (ulimit -n)")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    stopping = (ends[0], ends[1])
    connector = PostgreSQLConnector(address)
    channel = address.quotedSchema
    self.onNotification = onNotification
    DispatchQueue(label: "\(schema) listener").async { [self] in listen() }
  }

  deinit {
    Glibc.close(stopping.read)
    Glibc.close(stopping.write)
  }

  /// Ends the session and the thread. No notifications are delivered afterwards.
  public func stop() {
    isRunning.withLock { $0 = false }
    _ = write(stopping.write, [1], 1)
  }

  private func listen() {
    while isRunning.withLock(\.self) {
      do {
        let session = try connector.connect()
        _ = try session.run([.control("LISTEN \(channel)")])
        deliver(nil)
        while isRunning.withLock(\.self) {
          guard wait(for: session.socket, -1) else { break }
          for payload in try session.notifications() { deliver(payload) }
        }
      } catch {
        // Other users of the store report the server's problem; the listener only tries again.
        _ = wait(for: nil, Self.pause)
      }
    }
  }

  private func deliver(_ payload: String?) { if isRunning.withLock(\.self) { onNotification(payload) } }

  /// Waits until the socket is readable, the time has elapsed, or the listener is stopped.
  ///
  /// - Returns: whether the socket is readable.
  private func wait(for socket: Int32?, _ milliseconds: Int32) -> Bool {
    var descriptors = [pollfd(fd: stopping.read, events: Int16(POLLIN), revents: 0)]
    if let socket { descriptors.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
    _ = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    return descriptors.count > 1 && descriptors[1].revents != 0
  }
}
