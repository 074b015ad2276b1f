import Testing

@testable import ZeroMQ

@Suite struct EndpointTests {
  @Test(
    "An endpoint is an absolute path, plain or as ipc://",
    arguments: ["/run/gonogo/bus.sock", "ipc:///run/gonogo/bus.sock"])
  func reads(_ text: String) throws {
    #expect(try Endpoint(text).path == "/run/gonogo/bus.sock")
    #expect(try Endpoint(text).address == "ipc:///run/gonogo/bus.sock")
  }

  @Test(
    "An invalid endpoint is refused before it reaches libzmq",
    arguments: [
      "", "bus.sock", "ipc://bus.sock", "udp://1.2.3.4:5", "tcp://1.2.3.4", "tcp://:5", "tcp://h:0", "tcp://h:65536",
      "tcp://::1:5", "tcp://h/x:5",
    ])
  func refuses(_ text: String) {
    #expect { try Endpoint(text) } throws: { ($0 as? ZeroMQError)?.code == .invalidEndpoint }
  }

  @Test(
    "A TCP endpoint has a host and a port", arguments: ["tcp://h.example:7411", "tcp://*:1", "tcp://[::1]:65535"])
  func readsTCP(_ text: String) throws {
    #expect(try Endpoint(text).address == text)
    #expect(try Endpoint(text).isTCP)
  }

  @Test("Several endpoints are separated by commas, with or without spaces")
  func lists() throws {
    let endpoints = try Endpoint.list(" /a.sock,ipc:///b.sock ,\ttcp://h:1 ")
    #expect(endpoints.map(\.address) == ["ipc:///a.sock", "ipc:///b.sock", "tcp://h:1"])
    #expect(throws: ZeroMQError.self) { try Endpoint.list("/a.sock, b.sock") }
  }

  @Test("A path of 107 bytes can be bound; one of 108 is refused with the mend")
  func pathLength() async throws {
    try await withFolder { folder in
      let longest = folder + "/" + String(repeating: "x", count: 107 - folder.utf8.count - 1)
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let server = try await reactor.bind(longest, into: inbox)
        let client = try reactor.connect(longest)
        client.send([bytes("hello")])
        #expect(try await inbox.next().frames == [bytes("hello")])
        await server.close()
      }
      #expect {
        try Endpoint(path: longest + "y")
      } throws: { error in
        guard let error = error as? ZeroMQError else { return false }
        return error.code == .invalidEndpoint && error.detail.contains("108") && error.detail.contains("--run-dir")
      }
    }
  }

  @Test(
    "ipc peer addresses are parsed completely or not at all",
    arguments: [
      ("localhost:1000:1001:42", PeerCredentials(uid: 1_000, gid: 1_001, pid: 42)),
      ("127.0.0.1", nil), ("localhost:1000:1001", nil), ("localhost:-1:0:1", nil), ("otherhost:1:2:3", nil), ("", nil),
    ] as [(String, PeerCredentials?)])
  func peerAddress(_ text: String, _ credentials: PeerCredentials?) {
    #expect(PeerCredentials(peerAddress: text) == credentials)
  }
}
