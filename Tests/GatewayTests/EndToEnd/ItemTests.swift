import Contract
import JSON
import LaunchModel
import Messaging
import TestSupport
import Testing

@testable import Gateway

@Suite("Items on the command line")
struct ItemTests {
  private static let id = "smart-routing"
  private static let keys = ["qa", "performance-benchmarks", "load-test", "rollout-plan", "release-notes"]
  /// What the built-in items ask for.
  private static let evidence = ["--link", "https://ci.invalid/4712"]

  @Test("Marking five items as done takes two calls: the bus's head and the items", .timeLimit(.minutes(5)))
  func calls() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      let settings = GatewaySettings(runFolder: "\(gonogo.folder)/run", dataFolder: gonogo.folder)
      try await withConnections(settings) { connections in
        for (words, method) in [
          (["done", Self.id] + Self.keys + Self.evidence, "item.done"), (["show", Self.id] + Self.keys, "item.show"),
          (["list", Self.id], "checklist.items"),
        ] {
          // The checklist itself requests the bus's head to report its statistics, so it is asked first and last.
          let itemsBefore = try await Self.requests(method, of: .checklist, connections)
          let headsBefore = try await Self.requests("events.head", of: .bus, connections)
          let outcome = try await gonogo.run(words: ["item"] + words)
          #expect(outcome.status == 0, "\(outcome.errors)")
          #expect(try await Self.requests("events.head", of: .bus, connections) == headsBefore + 1)
          #expect(try await Self.requests(method, of: .checklist, connections) == itemsBefore + 1)
        }
      }
    }
  }

  @Test("Failures are reported by item, and names are resolved before anything is changed", .timeLimit(.minutes(5)))
  func failures() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      let unresolved = try await gonogo.run("item", "done", Self.id, "qa", "kb-article", "load-tset")
      #expect(unresolved.status == ExitStatus.badInput.rawValue)
      #expect(unresolved.output.isEmpty)
      #expect(
        unresolved.errors.split(separator: "\n").filter { $0.hasPrefix("error: ") } == [
          "error: kb-article is ambiguous: kb-article/en, kb-article/de, kb-article/fr. Name one, or pass "
            + "--all-instances.",
          "error: no item \"load-tset\" in smart-routing (did you mean \"load-test\"?); "
            + "see gonogo item list smart-routing",
          "error: no items were changed",
        ], "\(unresolved.errors)")
      let first = try await gonogo.run(
        words: ["item", "done", Self.id, "qa", "kb-article", "--all-instances", "-o", "json"] + Self.evidence)
      let lines = try first.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
      #expect(lines.map { $0["item"]?["key"] } == ["qa", "kb-article", "kb-article", "kb-article"])
      #expect(lines.map { $0["item"]?["instance"]?.stringValue } == [nil, "en", "de", "fr"])
      #expect(lines.allSatisfy { $0["item"]?["state"] == "done" && $0["launch"] == "smart-routing" })
      let second = try await gonogo.run(words: ["item", "done", Self.id, "load-test", "qa"] + Self.evidence)
      #expect(second.status == ExitStatus.conflict.rawValue)
      #expect(second.output == "load-test  done\n")
      #expect(second.errors.contains("error: qa is already done"), "\(second.errors)")
    }
  }

  private static func requests(
    _ method: String, of service: ServiceName, _ connections: ServiceConnections
  ) async throws -> Int {
    let client = try connections.client(of: service)
    return try await client.call(ServiceRoutes.stats(service), NoParameters(), timeout: .testTimeout).methods[method]?
      .requests ?? 0
  }

  private func withConnections(
    _ settings: GatewaySettings, _ body: (ServiceConnections) async throws -> Void
  ) async throws {
    let connections = ServiceConnections(settings: settings)
    do {
      try await body(connections)
    } catch {
      await connections.close()
      throw error
    }
    await connections.close()
  }
}
