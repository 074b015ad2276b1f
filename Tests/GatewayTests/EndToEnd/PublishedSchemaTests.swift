import Contract
import Foundation
import JSON
import TestSupport
import Testing

/// The launch of the sample installation.
private let id = "smart-routing"

@Suite(
  "The output and announcements of a running system",
  .enabled(if: JSONSchemaOracle.isAvailable, Comment(rawValue: JSONSchemaOracle.unavailable)))
struct PublishedSchemaTests {
  @Test("Results and events match the published schemas", .timeLimit(.minutes(10)))
  func fit() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-03-02T15:00:00Z@1")
      let results = Results(gonogo: gonogo)
      var cases = try await results.prepare() + results.decide() + results.look()
      try await gonogo.succeed("event", "settle", "--timeout", "60")
      cases += try await results.events()
      #expect(try await JSONSchemaOracle.errors(in: cases) == [])
      let quarantine = try await gonogo.succeed("event", "quarantine", "list", "-o", "json").json()
      #expect(quarantine["total"] == 0, "the services accept the examples: \(quarantine.pretty())")
    }
  }

  /// What commands printed, each with its schema.
  private struct Results {
    let gonogo: GatewayProcess

    func prepare() async throws -> [JSONSchemaOracle.Case] {
      try await [
        run("roster adopt", "people.yaml"), run("launch classify", "smart-routing.yaml"),
        run("launch propose", "smart-routing.yaml"), run("launch set", id, "name=Smart routing 2"),
        run("launch reschedule", id, "2027-03-09", "--dry-run"), run("item list", id), run("item show", id, "qa"),
        run("item start", id, "qa"), run("item done", as: "ibrahim", id, "qa", "--link", "https://ci.invalid/4"),
        run("item comment", id, "qa", "-m", "seen"),
        run("metric define", id, "metrics.yaml"), run("metric check", id),
        run("metric seal", id, "--reason", "no feeds yet"), run("metric plan", id), run("metric show", id),
        run("metric power", id),
        run("launch waive", id, "--reason", "agreed"),
        run("calendar blackout set", "freeze", "--from", "2027-12-20", "--to", "2027-12-31", "--reason", "holidays"),
      ].joined().map(\.self)
    }

    func decide() async throws -> [JSONSchemaOracle.Case] {
      try await [
        run("ready", id), run("board"), run("poll", as: "ibrahim", id, "go"), run("gate", id), run("halt"),
        run("launch reconfirm", id),
        run("decide", as: "dana", id, "go", "--override", "--reason", "trial"),
        run("launch ship", id, "--yes", "--reason", "trial"),
        run("launch stage", id, "25", "--yes", "--reason", "trial"),
        run("launch rollback", id, "--reason", "errors"), run("keys show"), run("keys rotate", "--reason", "trial"),
      ].joined().map(\.self)
    }

    func look() async throws -> [JSONSchemaOracle.Case] {
      try await [
        run("ps"), run("ping", "bus"), run("doctor"), run("launch list"), run("launch show", id),
        run("launch history", id),
        run("policy show"), run("policy lint"), run("policy proposals"), run("template list"), run("template show"),
        run("template export"), run("template lint"), run("template record"), run("template suggest"),
        run("template replay", "--file", "learning.yaml"), run("roster show"), run("calendar show", "US"),
        run("calendar workday", "2027-03-02", "5"),
        run("calendar conflicts"), run("calendar blackout list"), run("review list"), run("review action list"),
        run("review learning list"), run("audit show", id), run("audit verify"), run("event settle"),
        run("event quarantine list"), run("metric series", id, "adoption"), run("metric defaults show"),
        run("metric gap", id, "adoption"),
      ].joined().map(\.self)
    }

    /// Publishes the example of each signal, and returns every event on the bus with the schema of its type.
    func events() async throws -> [JSONSchemaOracle.Case] {
      let examples = try SignalType.allCases.map {
        try PublishedContract.document("events/\($0.rawValue).example.json")
      }
      // Two events of a producer need two ids.
      let lines = examples.enumerated().map { index, event in
        var members = event.objectValue ?? [:]
        members["id"] = .string("example-\(index)")
        return JSONValue.object(members).serialized() + [0x0a]
      }
      try Data(lines.joined()).write(to: URL(filePath: "\(gonogo.folder)/examples.ndjson"))
      let published = try await run("event publish", "examples.ndjson")
      try await gonogo.succeed("event", "settle", "--timeout", "60")
      let tail = try await gonogo.succeed("event", "tail", "--after", "0", "--no-follow", "-o", "json")
      let events = try tail.output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
      #expect(events.count > SignalType.allCases.count + 10)
      return try published
        + events.map { event in
          let type = event["type"]?.stringValue ?? ""
          return JSONSchemaOracle.Case(
            type, schema: try PublishedContract.document("events/\(type).schema.json"), value: event)
        }
    }

    /// Runs a command, whose answer may be no, and returns each result that it printed.
    private func run(
      _ command: String, as person: String? = nil, _ words: String...
    ) async throws -> [JSONSchemaOracle.Case] {
      let verb = command.split(separator: " ").map(String.init)
      let outcome = try await gonogo.run(
        words: verb + words + ["-o", "json"] + (person.map { ["--on-behalf-of", $0] } ?? []))
      #expect([0, 1].contains(outcome.status), "gonogo \(command): \(outcome.errors)")
      let lines = outcome.output.split(separator: "\n")
      #expect(!lines.isEmpty, "gonogo \(command) printed nothing")
      let name = verb.joined(separator: "-")
      let schema = try PublishedContract.document("results/\(name).schema.json")
      return try lines.map {
        JSONSchemaOracle.Case(name, schema: schema, value: try JSONValue(parsing: Array($0.utf8)))
      }
    }
  }
}
