import Foundation
import Glibc
import JSON
import TestSupport
import Testing
import ZeroMQ

@testable import Gateway

@Suite("The system over TCP", .serialized)
struct RemoteTests {
  @Test("The keys on the roster grant access at once, other keys do not", .timeLimit(.minutes(5)))
  func keys() async throws {
    try await withSampleInstallation { gonogo in
      let servers = try await gonogo.succeed("keys", "new", "keys", "-o", "json").json()
      let endpoints = try Self.endpoints()
      let dana = try #require(servers["principal"]?.stringValue)
      try Self.change("people.yaml", "    principals: [", "    principals: ['\(dana)', ", in: gonogo)
      try Self.append("keys: \(gonogo.folder)/keys\n\(endpoints)", to: gonogo)
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      #expect(Self.sockets(in: gonogo.folder).isEmpty, "nothing listens on a Unix socket")
      try await gonogo.succeed("roster", "adopt", "people.yaml")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      #expect(try await gonogo.succeed("item", "list", "smart-routing").output.contains("load-test"))
      #expect(try await gonogo.succeed("doctor").output.contains("over TCP"))

      try await withTemporaryFolder { folder in
        let other = GatewayProcess(folder: folder)
        let own = try await other.succeed("keys", "new", "keys", "-o", "json").json()
        let serverKey = try #require(servers["servers"]?.arrayValue?.first?.stringValue)
        try "\(serverKey)\n".write(toFile: folder + "/keys/servers", atomically: true, encoding: .utf8)
        try "run: \(folder)/run\nkeys: \(folder)/keys\n\(endpoints)"
          .write(toFile: folder + "/gonogo.yaml", atomically: true, encoding: .utf8)
        let refused = try await other.run("launch", "list")
        #expect(refused.status == ExitStatus.unavailable.rawValue)
        #expect(refused.errors.contains("rejected this process's key"))

        let principal = try #require(own["principal"]?.stringValue)
        try Self.change(
          "people.yaml", "Lena Fischer,", "Lena Fischer, principals: ['\(principal)'],", in: gonogo)
        try await gonogo.succeed("roster", "adopt", "people.yaml")
        let list = try await other.run("launch", "list", "-o", "json")
        #expect(list.status == 0, "\(list.errors)")
        #expect(try await other.run("item", "done", "smart-routing", "battle-card").errors.contains("lena may not"))
      }
    }
  }

  @Test("Services whose key is not on the roster read from each other for the gate", .timeLimit(.minutes(5)))
  func strangersToTheRoster() async throws {
    try await withSampleInstallation { gonogo in
      let servers = try await gonogo.succeed("keys", "new", "keys", "-o", "json").json()
      let endpoints = try Self.endpoints()
      try Self.append("keys: \(gonogo.folder)/keys\n\(endpoints)", to: gonogo)
      try await withTemporaryFolder { folder in
        let dana = GatewayProcess(folder: folder)
        let own = try await dana.succeed("keys", "new", "keys", "-o", "json").json()
        let principal = try #require(own["principal"]?.stringValue)
        let serverKey = try #require(servers["servers"]?.arrayValue?.first?.stringValue)
        try "\(serverKey)\n".write(toFile: folder + "/keys/servers", atomically: true, encoding: .utf8)
        try "\(principal.dropFirst("key:".count))\n"
          .write(toFile: gonogo.folder + "/keys/clients", atomically: true, encoding: .utf8)
        try "run: \(folder)/run\nkeys: \(folder)/keys\n\(endpoints)"
          .write(toFile: folder + "/gonogo.yaml", atomically: true, encoding: .utf8)
        try Self.change("people.yaml", "\"uid:\(getuid())\"", "'\(principal)'", in: gonogo)
        try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
        try await dana.succeed("roster", "adopt", gonogo.folder + "/people.yaml")
        try await dana.succeed("launch", "propose", gonogo.folder + "/smart-routing.yaml")
        try await dana.succeed("event", "settle")
        let gate = try await dana.run("gate", "smart-routing")
        #expect(gate.status == ExitStatus.no.rawValue, "\(gate.errors)")
        try await dana.succeed("decide", "smart-routing", "no-go", "--reason", "nothing is done yet")
        let seal = try await gonogo.run("metric", "seal", "smart-routing")
        #expect(
          seal.status == ExitStatus.forbidden.rawValue, "the right to read does not include changes: \(seal.errors)")
      }
    }
  }

  @Test("Without keys, no service starts on TCP and no command connects")
  func withoutKeys() async throws {
    try await withTemporaryFolder { folder in
      let gonogo = GatewayProcess(folder: folder)
      try "run: \(folder)/run\ndata: \(folder)/data\n\(try Self.endpoints())"
        .write(toFile: folder + "/gonogo.yaml", atomically: true, encoding: .utf8)
      let bus = try await gonogo.run("gonogo-bus", [])
      #expect(bus.status == 65)
      #expect(bus.errors.contains("gonogo keys new"))
      let list = try await gonogo.run("launch", "list")
      #expect(list.status != 0)
      #expect(list.errors.contains("gonogo keys new"))
    }
  }

  private static func endpoints() throws -> String {
    let lines = try ["bus", "tiering", "checklist", "metrics", "review"].map { service in
      "  \(service): tcp://127.0.0.1:\(try freePort())\n"
    }
    return "endpoint:\n" + lines.joined()
  }

  private static func append(_ text: String, to gonogo: GatewayProcess) throws {
    let path = gonogo.folder + "/gonogo.yaml"
    try (try String(contentsOfFile: path, encoding: .utf8) + "\n" + text)
      .write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Replaces a text in a file.
  private static func change(_ file: String, _ old: String, _ new: String, in gonogo: GatewayProcess) throws {
    let path = "\(gonogo.folder)/\(file)"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacing(old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
  }

  private static func sockets(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/run")) ?? []).filter { $0.hasSuffix(".sock") }
  }

  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(isBound)
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
