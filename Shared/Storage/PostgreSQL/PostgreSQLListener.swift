import Dispatch
import Glibc
import Synchronization

/// Hears what is notified on a channel, by a session and on a thread of its own.
///
/// Nothing is sure to be heard: a session that is lost hears nothing until there is another. So it only says when to look, and
/// whoever has to know looks now and then all the same.
public final class PostgreSQLListener: Sendable {
  /// How long to wait for another session.
  private static let pause: Int32 = 1_000

  private let connector: PostgreSQLConnector
  private let channel: String
  private let hear: @Sendable (_ payload: String?) -> Void
  /// A pipe whose first end is readable once it is to stop.
  private let stopping: (read: Int32, write: Int32)
  private let isRunning = Mutex(true)

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - url: as `DatabaseLocation` takes it.
  ///   - schema: whose channel it is, of that name.
  ///   - hear: called on the listener's thread with what was notified, and with nil when a session begins, before which
  ///     something may have been.
  /// - Throws: `StorageError` for an address that is none, or where there is no descriptor left.
  public init(url: String, schema: String, hear: @escaping @Sendable (String?) -> Void) throws(StorageError) {
    let address = try PostgreSQLAddress(url: url, schema: schema)
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw StorageError(.unavailable, "no file descriptor is left to listen with") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    stopping = (ends[0], ends[1])
    connector = PostgreSQLConnector(address)
    channel = address.quotedSchema
    self.hear = hear
    DispatchQueue(label: "\(schema) listener").async { [self] in listen() }
  }

  deinit {
    Glibc.close(stopping.read)
    Glibc.close(stopping.write)
  }

  /// Ends the session and the thread; nothing is heard afterwards.
  public func stop() {
    isRunning.withLock { $0 = false }
    _ = write(stopping.write, [1], 1)
  }

  private func listen() {
    while isRunning.withLock(\.self) {
      do {
        let session = try connector.connect()
        _ = try session.run([.control("LISTEN \(channel)")])
        tell(nil)
        while isRunning.withLock(\.self) {
          guard wait(for: session.socket, -1) else { break }
          for payload in try session.notifications() { tell(payload) }
        }
      } catch {
        // Whoever uses the store says what is wrong with the server; to listen is to try again.
        _ = wait(for: nil, Self.pause)
      }
    }
  }

  private func tell(_ payload: String?) { if isRunning.withLock(\.self) { hear(payload) } }

  /// Waits until something can be read, the time is over, or it is to stop.
  ///
  /// - Returns: whether something can be read from the socket.
  private func wait(for socket: Int32?, _ milliseconds: Int32) -> Bool {
    var descriptors = [pollfd(fd: stopping.read, events: Int16(POLLIN), revents: 0)]
    if let socket { descriptors.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
    _ = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    return descriptors.count > 1 && descriptors[1].revents != 0
  }
}
