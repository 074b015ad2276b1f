import ArgumentParser
import Contract
import JSON
import LaunchModel
import Messaging
import TestSupport
import Testing

@testable import Gateway

@Suite("Report command")
struct ReportCommandTests {
  private static let now = Sample.time("2027-04-06T09:30:00Z")

  private static let record = LaunchRecord(
    plan: LaunchPlan(
      launch: Sample.launch, name: "Smart routing", owner: "dana", feature: "smart-routing",
      date: Sample.date("2027-03-02"), facts: Facts(kinds: [.newSurface])),
    tier: .major, tierComputed: .major, tierReasons: [], assumed: [], openQuestions: [], alternatives: [],
    reachedOn: [:], earliestDate: Sample.date("2027-02-10"), status: .measuring,
    proposedAt: Sample.time("2027-01-13T14:00:00Z"), proposedBy: "dana")

  private func run(_ words: [String], in services: RecordingServices) async throws {
    let command = try #require(try Gonogo.parseAsRoot(["report"] + words) as? any GatewayCommand)
    try await command.run(in: services.session)
  }

  /// Tiering's answers; the other services have nothing.
  @Sendable private static func answer(_ call: RecordingServices.Call) throws -> JSONValue {
    switch call.method {
    case TieringRoutes.show.method: return try JSONCoding.value(record)
    case TieringRoutes.list.method:
      let launch = LaunchSummary(
        id: Sample.launch, name: "Smart routing", tier: .major, date: Sample.date("2027-03-02"), status: .measuring,
        owner: "dana", shortfallDays: 0, version: 1)
      return try JSONCoding.value(LaunchList(launches: [launch]))
    case ServiceRoutes.ping(.tiering).method:
      return try JSONCoding.value(ServicePing(service: call.service, pid: 1, version: "0.1.0", now: now))
    default: throw Problem.notFound("nothing-here", "\(call.service.rawValue) has nothing")
    }
  }

  @Test("Parts that a service cannot provide are named in the report and in a warning, and the report is written")
  func missing() async throws {
    try await withRecordingServices([.bus, .tiering, .checklist, .review], answer: Self.answer) { services in
      try await run(["smart-routing", "--format", "json"], in: services)
      let report = try JSONValue(parsing: Array(try services.output().utf8))
      #expect(report["outcome"] == "unknown")
      #expect(report["at"] == "2027-04-06T09:30:00Z")
      let missing = report["missing"]?.arrayValue ?? []
      let parts = missing.compactMap { $0["part"]?.stringValue }
      #expect(parts.contains("items") && parts.contains("decision") && parts.contains("metrics"))
      // Metrics does not run: it is asked once, and not for the plan, the gaps and its chain.
      #expect(!parts.contains("metric plan"))
      let reasons = missing.filter { $0["part"] == "audit chain of metrics" }.compactMap { $0["reason"]?.stringValue }
      #expect(reasons.count == 1 && reasons[0].hasPrefix("metrics is not running"))
      let warnings = try services.diagnostics()
      #expect(warnings.contains("not in the report: metrics: metrics is not running"))
      #expect(warnings.contains("not in the report: decision: checklist has nothing"))
    }
  }

  @Test("Without a launch, the report covers the current quarter by tiering's clock")
  func quarter() async throws {
    try await withRecordingServices(answer: Self.answer) { services in
      try await run(["--format", "csv"], in: services)
      let filter = services.calls.first { $0.method == TieringRoutes.list.method }?.params
      #expect(filter?["from"] == "2027-04-01")
      #expect(filter?["to"] == "2027-06-30")
      #expect(try services.output().contains("smart-routing,Smart routing,1,measuring,2027-03-02,dana"))
    }
  }

  @Test("A file is written completely, and replaced only on request")
  func file() async throws {
    try await withRecordingServices(answer: Self.answer) { services in
      try await withTemporaryFolder { folder in
        let path = "\(folder)/report.html"
        try await run(["smart-routing", "--format", "html", "--out", path], in: services)
        let text = String(decoding: try InputFile(path).bytes(), as: UTF8.self)
        #expect(text.hasPrefix("<!DOCTYPE html>") && text.hasSuffix("</html>\n"))
        #expect(try services.output() == "")
        let asked = services.calls.count
        await #expect(throws: GatewayError.self) {
          try await run(["smart-routing", "--out", path], in: services)
        }
        #expect(services.calls.count == asked, "nothing is asked for a file that cannot be written")
        try await run(["smart-routing", "--format", "md", "--out", path, "--force"], in: services)
        let replaced = String(decoding: try InputFile(path).bytes(), as: UTF8.self)
        #expect(replaced.hasPrefix("# Smart routing: "))
      }
    }
  }

  @Test(
    "Options that contradict each other are refused",
    arguments: [
      ["smart-routing", "--quarter", "2027Q1"], ["smart-routing", "--from", "2027-01-01"],
      ["--quarter", "2027Q1", "--to", "2027-01-01"], ["--from", "2027-02-01", "--to", "2027-01-01"],
      ["--quarter", "2027Q5"], ["--format", "pdf"], ["--format", "csv", "-o", "json"], ["--force"],
    ])
  func contradictions(words: [String]) {
    #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(["report"] + words) }
  }
}
