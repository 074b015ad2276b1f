import Contract
import LaunchModel
import Testing
import ZeroMQ

@testable import Messaging

/// The client's decisions, without sockets or real time.
@Suite struct ClientMachineTests {
  private typealias Machine = ClientMachine<String>
  private let start = ContinuousClock.now
  private let notListening = ConnectError(.notListening, "nothing is listening")

  private func machine(endpoints: Int = 1, maxOutstanding: Int = 10) -> Machine {
    Machine(service: .tiering, endpointCount: endpoints, maxOutstanding: maxOutstanding)
  }

  /// Begins a call that fails after 250 ms without a server, and after 1 s without a response.
  private func begin(_ id: UInt64, _ machine: inout Machine) -> [String] {
    words(
      machine.start(
        id, frames: [[UInt8(id)]], waiter: "w\(id)", deadline: start + .seconds(1),
        unreachableAt: start + .milliseconds(250)))
  }

  private func words(_ actions: [Machine.Action]) -> [String] {
    actions.map { action in
      switch action {
      case .open(let connection, let endpoint): "open \(connection) to \(endpoint)"
      case .close(let connection): "close \(connection)"
      case .send(let connection, let frames): "send \(frames[0][0]) on \(connection)"
      case .finish(let waiter, .success(let reply)): "\(waiter) has \(text(reply.result))"
      case .finish(let waiter, .failure(let problem)): "\(waiter) fails \(problem.code)"
      }
    }
  }

  private func reply(_ text: String) -> Result<CallReply, Problem> { .success(CallReply(result: bytes(text))) }

  @Test("The first call connects; calls wait for the connection and are sent in order")
  func connecting() {
    var machine = machine()
    #expect(begin(1, &machine) == ["open 1 to 0"])
    #expect(begin(2, &machine) == [])
    #expect(words(machine.connected(1)) == ["send 1 on 1", "send 2 on 1"])
    #expect(begin(3, &machine) == ["send 3 on 1"])
    #expect(words(machine.receive(3, reply("c"))) == ["w3 has c"])
    #expect(words(machine.receive(1, reply("a"))) == ["w1 has a"])
    #expect(words(machine.receive(1, reply("again"))) == [])
    #expect(machine.outstanding == 1)
  }

  @Test("Without a server, a call fails once its time to connect is up, and not earlier")
  func unreachable() {
    var machine = machine()
    _ = begin(1, &machine)
    #expect(words(machine.failed(1, notListening, at: start)) == ["close 1"])
    #expect(machine.nextTick() == start + .milliseconds(100))
    #expect(words(machine.tick(at: start + .milliseconds(100))) == ["open 2 to 0"])
    #expect(words(machine.failed(2, notListening, at: start + .milliseconds(100))) == ["close 2"])
    #expect(words(machine.tick(at: start + .milliseconds(200))) == ["open 3 to 0"])
    #expect(words(machine.tick(at: start + .milliseconds(250))) == ["w1 fails unreachable"])
    #expect(words(machine.failed(3, notListening, at: start + .milliseconds(260))) == ["close 3"])
    #expect(machine.nextTick() == nil)
    // The next call tries immediately.
    #expect(begin(2, &machine) == ["open 4 to 0"])
  }

  @Test("A service that starts in time is called")
  func comesUp() {
    var machine = machine()
    _ = begin(1, &machine)
    _ = machine.failed(1, notListening, at: start)
    _ = machine.tick(at: start + .milliseconds(100))
    #expect(words(machine.connected(2)) == ["send 1 on 2"])
    #expect(words(machine.tick(at: start + .milliseconds(250))) == [])
  }

  @Test("A peer that does not complete the handshake is a time-out, not unreachable")
  func stuckHandshake() {
    var machine = machine()
    _ = begin(1, &machine)
    #expect(words(machine.tick(at: start + .milliseconds(250))) == [])
    #expect(words(machine.tick(at: start + .seconds(1))) == ["w1 fails timed-out"])
  }

  @Test("Missing permission fails at once")
  func permission() {
    var machine = machine()
    _ = begin(1, &machine)
    _ = begin(2, &machine)
    let denied = ConnectError(.permissionDenied, "not allowed")
    #expect(
      words(machine.failed(1, denied, at: start)) == [
        "close 1", "w1 fails permission-denied", "w2 fails permission-denied",
      ])
    #expect(machine.nextTick() == nil)
  }

  @Test("Endpoints are tried in turn without delay, followed by a pause after the last one")
  func endpoints() {
    var machine = machine(endpoints: 3)
    #expect(begin(1, &machine) == ["open 1 to 0"])
    #expect(words(machine.failed(1, notListening, at: start)) == ["close 1", "open 2 to 1"])
    #expect(words(machine.connected(2)) == ["send 1 on 2"])
    #expect(words(machine.disconnected(2)) == ["w1 fails connection-lost", "close 2"])
    #expect(begin(2, &machine) == ["open 3 to 2"])
    #expect(words(machine.failed(3, notListening, at: start)) == ["close 3", "open 4 to 0"])
    #expect(words(machine.failed(4, notListening, at: start)) == ["close 4", "open 5 to 1"])
    #expect(words(machine.failed(5, notListening, at: start)) == ["close 5"])
    #expect(machine.nextTick() == start + .milliseconds(100))
    #expect(words(machine.tick(at: start + .milliseconds(100))) == ["open 6 to 2"])
  }

  @Test("A stopping or silent server is left for the next endpoint, and pending responses still arrive")
  func leaving() {
    var machine = machine(endpoints: 2)
    _ = begin(1, &machine)
    _ = begin(2, &machine)
    _ = machine.connected(1)
    #expect(words(machine.receive(1, .failure(.stopping))) == ["w1 fails stopping"])
    #expect(begin(3, &machine) == ["open 2 to 1"])
    #expect(words(machine.receive(2, reply("b"))) == ["w2 has b", "close 1"])
    #expect(words(machine.connected(2)) == ["send 3 on 2"])
    #expect(words(machine.tick(at: start + .seconds(1))) == ["w3 fails timed-out", "close 2"])
    #expect(begin(4, &machine) == ["open 3 to 0"])
  }

  @Test("A time-out retires the connection: later calls use a new one, and the old one closes after its last call")
  func timeout() {
    var machine = machine()
    _ = begin(1, &machine)
    _ = machine.start(
      2, frames: [[2]], waiter: "w2", deadline: start + .seconds(9), unreachableAt: start + .milliseconds(250))
    _ = machine.connected(1)
    #expect(words(machine.tick(at: start + .seconds(1))) == ["w1 fails timed-out"])
    #expect(begin(3, &machine) == ["open 2 to 0"])
    #expect(words(machine.connected(2)) == ["send 3 on 2"])
    #expect(words(machine.receive(1, reply("late"))) == [])
    #expect(words(machine.receive(2, reply("b"))) == ["w2 has b", "close 1"])
    #expect(words(machine.receive(3, reply("c"))) == ["w3 has c"])
  }

  @Test("A time-out of the only call on a connection closes it")
  func timeoutAlone() {
    var machine = machine()
    _ = begin(1, &machine)
    _ = machine.connected(1)
    #expect(words(machine.tick(at: start + .seconds(1))) == ["w1 fails timed-out", "close 1"])
  }

  @Test("A lost connection fails its pending calls and is closed, and the next call uses a new one")
  func disconnected() {
    var machine = machine()
    _ = begin(1, &machine)
    _ = machine.connected(1)
    #expect(words(machine.disconnected(1)) == ["w1 fails connection-lost", "close 1"])
    #expect(begin(2, &machine) == ["open 2 to 0"])
    #expect(words(machine.connected(2)) == ["send 2 on 2"])
  }

  @Test("The response to a cancelled call is dropped")
  func cancelling() {
    var machine = machine()
    _ = begin(1, &machine)
    _ = machine.connected(1)
    #expect(machine.cancel(1).0 == "w1")
    #expect(machine.cancel(1).0 == nil)
    #expect(words(machine.receive(1, reply("a"))) == [])
    #expect(machine.outstanding == 0)
    #expect(machine.nextTick() == nil)
  }

  @Test("Calls beyond the limit fail as busy, and all calls fail after closing")
  func bounds() {
    var machine = machine(maxOutstanding: 2)
    _ = begin(1, &machine)
    _ = begin(2, &machine)
    #expect(begin(3, &machine) == ["w3 fails busy"])
    #expect(words(machine.close()) == ["w1 fails closed", "w2 fails closed", "close 1"])
    #expect(begin(4, &machine) == ["w4 fails closed"])
  }
}
