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
    Machine(service: .tiering, endpoints: (0..<endpoints).map { "e\($0)" }, maxOutstanding: maxOutstanding)
  }

  /// Begins a call that fails after 250 ms without a server, and after 1 s without a response.
  private func begin(_ id: UInt64, _ machine: inout Machine) -> [String] {
    words(
      machine.start(
        id, frames: [[UInt8(id)]], waiter: "w\(id)", deadline: start + .seconds(1),
        unreachableAt: start + .milliseconds(250), at: start))
  }

  /// Begins a call that may take a minute.
  private func beginLong(_ id: UInt64, _ machine: inout Machine, at now: ContinuousClock.Instant? = nil) -> [String] {
    words(
      machine.start(
        id, frames: [[UInt8(id)]], waiter: "w\(id)", deadline: start + .seconds(60),
        unreachableAt: start + .milliseconds(250), at: now ?? start))
  }

  private func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

  private func words(_ actions: [Machine.Action]) -> [String] {
    actions.map { action in
      switch action {
      case .open(let connection, let endpoint): "open \(connection) to \(endpoint)"
      case .close(let connection): "close \(connection)"
      case .ping(let connection): "ping on \(connection)"
      case .avoid(let endpoint, let time): "avoid \(endpoint) for \((time - start).components.seconds) s"
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

  @Test("A peer that does not complete the handshake is reported as not answering, not as unreachable or timed out")
  func stuckHandshake() {
    var machine = machine()
    _ = begin(1, &machine)
    #expect(words(machine.tick(at: start + .milliseconds(250))) == [])
    #expect(words(machine.tick(at: start + .seconds(1))) == ["w1 fails not-answering"])
    // The same if libzmq has given up the handshake in between.
    _ = begin(2, &machine)
    _ = machine.failed(1, .notAnswering("e0"), at: start)
    #expect(words(machine.tick(at: start + .milliseconds(300))) == ["open 2 to 0"])
    #expect(words(machine.tick(at: start + .seconds(1))) == ["w2 fails not-answering"])
  }

  @Test("With another endpoint, that one is tried after half a second, and the hanging one is avoided")
  func hangingHandshake() {
    var machine = machine(endpoints: 2)
    #expect(beginLong(1, &machine) == ["open 1 to 0"])
    #expect(machine.nextTick() == after(250))
    #expect(words(machine.tick(at: after(250))) == [])
    #expect(machine.nextTick() == after(500))
    #expect(words(machine.tick(at: after(500))) == ["avoid 0 for 30 s", "close 1", "open 2 to 1"])
    #expect(words(machine.connected(2, at: after(510))) == ["send 1 on 2"])
    _ = machine.receive(1, reply("a"), on: 2, at: after(520))
    // The avoided endpoint comes last until its time is over.
    #expect(words(machine.disconnected(2)) == ["close 2"])
    #expect(beginLong(2, &machine, at: after(1_000)) == ["open 3 to 1"])
  }

  @Test("If all endpoints hang, each gets twice the time in the next round, until the call's deadline")
  func allHang() {
    var machine = machine(endpoints: 2)
    _ = beginLong(1, &machine)
    _ = machine.tick(at: after(250))
    _ = machine.tick(at: after(500))
    #expect(words(machine.tick(at: after(1_000))) == ["avoid 1 for 31 s", "close 2"])
    #expect(words(machine.tick(at: after(1_100))) == ["open 3 to 0"])
    #expect(words(machine.tick(at: after(1_600))) == [])
    #expect(words(machine.tick(at: after(2_100))) == ["avoid 0 for 32 s", "close 3", "open 4 to 1"])
    #expect(words(machine.tick(at: after(60_000))).contains("w1 fails not-answering"))
  }

  @Test("An endpoint that another client has found unresponsive is tried last")
  func foundByOthers() {
    var machine = machine(endpoints: 3)
    machine.avoid(0, until: start + .seconds(30))
    #expect(beginLong(1, &machine) == ["open 1 to 1"])
  }

  @Test("A silent peer that owes an answer is pinged, and left after another second")
  func silence() {
    var machine = machine(endpoints: 2)
    _ = beginLong(1, &machine)
    _ = machine.connected(1, at: start)
    #expect(words(machine.tick(at: after(250))) == [])
    #expect(machine.nextTick() == after(400))
    #expect(words(machine.tick(at: after(400))) == ["ping on 1"])
    #expect(words(machine.receive(0, reply("pong"), on: 1, at: after(410))) == [])
    #expect(words(machine.tick(at: after(810))) == ["ping on 1"])
    #expect(machine.nextTick() == after(1_810))
    #expect(words(machine.tick(at: after(1_810))) == ["avoid 0 for 31 s", "w1 fails connection-lost", "close 1"])
    #expect(beginLong(2, &machine, at: after(1_820)) == ["open 2 to 1"])
  }

  @Test("A call that must not be repeated keeps waiting at the peer that was left")
  func silenceOfAChange() {
    var machine = machine(endpoints: 2)
    _ = beginLong(1, &machine)
    _ = machine.start(
      2, frames: [[2]], waiter: "w2", deadline: start + .seconds(60), unreachableAt: start + .milliseconds(250),
      isRepeatable: false, at: start)
    _ = machine.connected(1, at: start)
    _ = machine.tick(at: after(250))
    _ = machine.tick(at: after(400))
    #expect(words(machine.tick(at: after(1_400))) == ["avoid 0 for 31 s", "w1 fails connection-lost"])
    #expect(words(machine.receive(2, reply("late"), on: 1, at: after(2_000))) == ["w2 has late", "close 1"])
  }

  @Test("A sole peer that owes no answer is not pinged")
  func idle() {
    var machine = machine()
    _ = beginLong(1, &machine)
    _ = machine.connected(1, at: start)
    _ = machine.receive(1, reply("a"), on: 1, at: after(100))
    #expect(machine.nextTick() == nil)
    #expect(beginLong(2, &machine, at: after(9_000)) == ["send 2 on 1"])
    #expect(machine.nextTick() == after(9_400), "its silence counts from the call on")
  }

  @Test("With another endpoint, an idle peer is pinged each second, and left before the next call")
  func idleAndSilent() {
    var machine = machine(endpoints: 2)
    _ = beginLong(1, &machine)
    _ = machine.connected(1, at: start)
    _ = machine.receive(1, reply("a"), on: 1, at: after(100))
    #expect(machine.nextTick() == after(1_100))
    #expect(words(machine.tick(at: after(1_100))) == ["ping on 1"])
    #expect(words(machine.receive(0, reply("pong"), on: 1, at: after(1_110))) == [])
    #expect(words(machine.tick(at: after(2_110))) == ["ping on 1"])
    #expect(machine.nextTick() == after(3_110))
    #expect(words(machine.tick(at: after(3_110))) == ["avoid 0 for 33 s", "close 1"])
    #expect(machine.nextTick() == nil)
    #expect(beginLong(2, &machine, at: after(4_000)) == ["open 2 to 1"])
  }

  @Test("A call to a peer that owes a ping's answer waits no longer for it than the ping does")
  func callWhileAsked() {
    var machine = machine(endpoints: 2)
    _ = beginLong(1, &machine)
    _ = machine.connected(1, at: start)
    _ = machine.receive(1, reply("a"), on: 1, at: after(100))
    #expect(words(machine.tick(at: after(1_100))) == ["ping on 1"])
    #expect(beginLong(2, &machine, at: after(2_000)) == ["send 2 on 1"])
    #expect(words(machine.tick(at: after(2_100))) == ["avoid 0 for 32 s", "w2 fails connection-lost", "close 1"])
  }

  @Test("A sole endpoint is not left, but a call that it does not answer reports that")
  func silenceOfTheOnlyOne() {
    var machine = machine()
    _ = beginLong(1, &machine)
    _ = machine.connected(1, at: start)
    #expect(words(machine.tick(at: after(500))) == ["ping on 1"])
    #expect(machine.nextTick() == after(60_000))
    #expect(words(machine.tick(at: after(60_000))) == ["avoid 0 for 90 s", "w1 fails not-answering", "close 1"])
  }

  @Test("A service that cannot use its store is left for the next endpoint")
  func storeUnavailable() {
    var machine = machine(endpoints: 2)
    _ = beginLong(1, &machine)
    _ = beginLong(2, &machine)
    _ = machine.connected(1, at: start)
    let away = Problem.unavailable("store-unavailable", "the server is away")
    #expect(
      words(machine.receive(1, .failure(away), on: 1, at: after(100))) == [
        "avoid 0 for 5 s", "w1 fails store-unavailable",
      ])
    #expect(beginLong(3, &machine, at: after(100)) == ["open 2 to 1"])
    #expect(words(machine.receive(2, reply("b"), on: 1, at: after(100))) == ["w2 has b", "close 1"])
  }

  @Test("A problem that concerns several endpoints names each of them")
  func eachIsNamed() {
    var machine = machine(endpoints: 2)
    _ = begin(1, &machine)
    _ = machine.failed(1, ConnectError(.notListening, "nothing at e0"), at: start)
    _ = machine.failed(2, ConnectError(.notListening, "nothing at e1"), at: start)
    let actions = machine.tick(at: after(250))
    guard case .finish(_, .failure(let problem))? = actions.first else { return #expect(actions.isEmpty) }
    #expect(problem.code == "unreachable" && problem.detail == "nothing at e0; nothing at e1")
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
      2, frames: [[2]], waiter: "w2", deadline: start + .seconds(9), unreachableAt: start + .milliseconds(250),
      at: start)
    _ = machine.connected(1, at: start)
    _ = machine.tick(at: start + .milliseconds(600))
    _ = machine.receive(0, reply("pong"), on: 1, at: start + .milliseconds(700))
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
