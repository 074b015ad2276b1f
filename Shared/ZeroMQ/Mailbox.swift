import CZeroMQ
import Glibc
import Synchronization

/// What the rest of the process asks of the reactor's thread.
enum Command: Sendable {
  case send(SocketID, [OutboundMessage], bytes: Int)
  case sendToPeer(SocketID, frames: [[UInt8]], bytes: Int)
  case perform(@Sendable (ReactorLoop) -> Void)
}

/// A socket of a reactor; ids are never used again.
struct SocketID: Hashable, Sendable {
  let number: Int
}

/// The locked queue of commands to the reactor's thread, and the eventfd that wakes it.
final class Mailbox: Sendable {
  private struct State {
    var commands: [Command] = []
    var isClosed = false
  }

  let descriptor: Int32
  private let state = Mutex(State())
  private let nextSocket = Atomic<Int>(1)

  init() throws(ZeroMQError) {
    descriptor = gonogo_eventfd()
    guard descriptor >= 0 else { throw ZeroMQError.system("cannot make an eventfd", errno) }
  }

  deinit { Glibc.close(descriptor) }

  func newSocketID() -> SocketID { SocketID(number: nextSocket.wrappingAdd(1, ordering: .relaxed).oldValue) }

  /// Queues a command; wakes the thread only when the queue was empty, so that a burst costs one system call.
  ///
  /// - Returns: false where the reactor has been shut down, and nothing will be done.
  @discardableResult
  func post(_ command: Command) -> Bool {
    let wakes: Bool? = state.withLock { state in
      guard !state.isClosed else { return nil }
      state.commands.append(command)
      return state.commands.count == 1
    }
    if wakes == true { wake() }
    return wakes != nil
  }

  /// Everything queued, into the given array, whose storage is used again.
  func take(into commands: inout [Command]) {
    commands.removeAll(keepingCapacity: true)
    state.withLock { swap(&$0.commands, &commands) }
  }

  /// Refuses commands from now on; what is queued is still taken.
  func close() { state.withLock { $0.isClosed = true } }

  /// Makes the eventfd unreadable again.
  func acknowledgeWake() {
    var value: eventfd_t = 0
    eventfd_read(descriptor, &value)
  }

  private func wake() { eventfd_write(descriptor, 1) }
}
