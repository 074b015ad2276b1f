import CZeroMQ
import Glibc
import Synchronization

/// A command from the rest of the process to the reactor's thread.
enum Command: Sendable {
  case send(SocketID, [OutboundMessage], bytes: Int)
  case sendToPeer(SocketID, frames: [[UInt8]], bytes: Int)
  case perform(@Sendable (ReactorLoop) -> Void)
}

/// Identifies a socket of a reactor; ids are never reused.
struct SocketID: Hashable, Sendable {
  let number: Int
}

/// The lock-protected queue of commands to the reactor's thread, and the eventfd that wakes it.
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
    guard descriptor >= 0 else { throw ZeroMQError.system("cannot create an eventfd", errno) }
  }

  deinit { Glibc.close(descriptor) }

  func newSocketID() -> SocketID { SocketID(number: nextSocket.wrappingAdd(1, ordering: .relaxed).oldValue) }

  /// Queues a command. Wakes the thread only if the queue was empty, so that a burst costs one system call.
  ///
  /// - Returns: false if the reactor has been shut down; the command is then discarded.
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

  /// Moves all queued commands into the given array, whose storage is reused.
  func drain(into commands: inout [Command]) {
    commands.removeAll(keepingCapacity: true)
    state.withLock { swap(&$0.commands, &commands) }
  }

  /// Rejects commands from now on; those already queued can still be drained.
  func close() { state.withLock { $0.isClosed = true } }

  /// Resets the eventfd after a wake-up.
  func acknowledgeWake() {
    var value: eventfd_t = 0
    eventfd_read(descriptor, &value)
  }

  private func wake() { eventfd_write(descriptor, 1) }
}
