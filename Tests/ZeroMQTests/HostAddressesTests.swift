import Testing
import ZeroMQ

@Suite struct HostAddressesTests {
  private static let host = HostAddresses(["10.0.0.1", "fd00::a:1", "eth0"])

  @Test(
    "Of several endpoints, a host's own are those that it can bind",
    arguments: [
      ("tcp://10.0.0.1:7411", true), ("tcp://10.0.0.2:7411", false), ("tcp://*:7411", true),
      ("tcp://127.0.0.1:7411", true), ("tcp://127.9.9.9:7411", true), ("tcp://[::1]:7411", true),
      ("tcp://[fd00::a:1]:7411", true), ("tcp://[fd00:0:0:0:0:0:a:1]:7411", true), ("tcp://[fd00::a:2]:7411", false),
      ("tcp://bus.internal:7411", false), ("ipc:///run/gonogo/bus.sock", true),
    ])
  func own(text: String, isOwn: Bool) throws {
    let endpoint = try Endpoint(text)
    #expect(Self.host.bindable([endpoint]) == (isOwn ? [endpoint] : []))
  }

  @Test("This host has at least the loopback address")
  func current() throws {
    let loopback = try Endpoint("tcp://127.0.0.1:7411")
    #expect(HostAddresses.current().bindable([loopback]) == [loopback])
    #expect(HostAddresses.current() != HostAddresses([]))
  }
}
