import Contract
import Glibc
import JSON
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import Gateway

@Suite("Detecting tampered records", .serialized)
struct TamperingTests {
  private static let id = "smart-routing"

  @Test(
    "Truncated or deleted chains and metrics changed after sealing are reported", .timeLimit(.minutes(5)))
  func tampering() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      try await gonogo.succeed("metric", "define", Self.id, "metrics.yaml")
      try await gonogo.succeed("metric", "seal", Self.id, "--reason", "no feeds yet")
      try await gonogo.succeed("event", "settle")
      let whole = try await gonogo.succeed("audit", "verify", "-o", "json").json()
      #expect(whole["intact"] == true)
      #expect(whole["comparedFrom"] == 1)
      try await Self.stopped("metrics", gonogo, reports: "metrics unreachable: its chains were not checked")
      try await Self.stopped("bus", gonogo, reports: "bus unreachable: the ends of the chains were not compared")

      try await gonogo.succeed("down")
      try await Self.execute(
        """
        DELETE FROM audit_links WHERE launch = '\(Self.id)'
          AND length = (SELECT max(length) FROM audit_links WHERE launch = '\(Self.id)')
        """, on: .tiering, gonogo)
      try await Self.execute("DELETE FROM audit_links WHERE launch = '\(Self.id)'", on: .checklist, gonogo)
      try await Self.execute(
        "UPDATE plans SET definition = replace(definition, '30%', '3%') WHERE action = 'seal'", on: .metrics, gonogo)
      try await gonogo.succeed("up", "--detach")

      let report = try await gonogo.run("audit", "verify", Self.id, "-o", "json")
      #expect(report.status == ExitStatus.no.rawValue)
      let details = try report.json()["services"]?.arrayValue?.compactMap {
        $0["chains"]?.arrayValue?.first?["broken"]?["detail"]?.stringValue
      }
      for words in ["cut off after link ", "the chain is missing: the bus has seen ", "was changed after sealing"] {
        #expect(details?.contains { $0.contains(words) } == true, "\(words): \(report.output)")
      }
      let metrics = try await gonogo.run("metric", "show", Self.id)
      #expect(metrics.status == ExitStatus.no.rawValue)
      #expect(
        metrics.errors.contains("the sealed metrics of smart-routing were changed in the store"), "\(metrics.errors)")
      let gate = try await gonogo.run("gate", Self.id, "-o", "json")
      #expect(gate.status == ExitStatus.no.rawValue, "\(gate.errors)")
      #expect(try gate.json()["reasons"]?.arrayValue?.first?["code"] == "changed-after-sealing")
    }
  }

  @Test(
    "A deleted announcement and a row changed outside gonogo are named, and the gate is closed",
    .timeLimit(.minutes(5)))
  func rows() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      try await gonogo.succeed("item", "start", Self.id, "qa")
      try await gonogo.succeed("event", "settle")
      #expect(try await gonogo.succeed("audit", "verify", "-o", "json").json()["intact"] == true)
      try await gonogo.succeed("down")
      try await Self.execute(
        "UPDATE items SET document = replace(document, '\"in-progress\"', '\"done\"') WHERE item = 'qa'",
        on: .checklist,
        gonogo)
      // A link whose announcement is neither in the outbox nor on the bus.
      try await Self.write(on: .metrics, gonogo) { db in
        _ = try AuditChain(service: .metrics).append(
          launch: Self.id, at: Timestamp(microseconds: 1_798_794_000_000_000), by: "dana",
          action: Announcements.metricsVerdict.name, detail: [:], state: LinkState(), db)
      }
      try await gonogo.succeed("up", "--detach")

      let report = try await gonogo.run("audit", "verify", Self.id)
      #expect(report.status == ExitStatus.no.rawValue)
      #expect(report.output.contains("item:qa was changed in the store outside gonogo"), "\(report.output)")
      #expect(report.output.contains("its announcement is missing"), "\(report.output)")
      let doctor = try await gonogo.run("doctor")
      #expect(doctor.status == ExitStatus.no.rawValue)
      #expect(doctor.output.contains("item:qa was changed in the store outside gonogo"), "\(doctor.output)")
      let gate = try await gonogo.run("gate", Self.id, "-o", "json")
      #expect(gate.status == ExitStatus.no.rawValue, "\(gate.errors)")
      #expect(try gate.json()["reasons"]?.arrayValue?.first?["code"] == "contradicts-chain")
      let accepted = try await gonogo.succeed(
        "audit", "accept", Self.id, "--service", "checklist", "--reason", "repaired by hand")
      #expect(accepted.output.contains("item:qa"))
      let after = try await gonogo.run("gate", Self.id, "-o", "json")
      #expect(try after.json()["reasons"]?.arrayValue?.first?["code"] != "contradicts-chain")
    }
  }

  /// Verifies while one service is stopped: the others are shown, and the exit status is unavailable.
  private static func stopped(_ service: String, _ gonogo: GatewayProcess, reports words: String) async throws {
    let status = try await gonogo.succeed("ps", "-o", "json").json()
    let entry = status["services"]?.arrayValue?.first { $0["name"]?.stringValue == service }
    let pid = Int32(try #require(entry?["pid"]?.integerValue))
    #expect(kill(pid, SIGSTOP) == 0)
    defer { kill(pid, SIGCONT) }
    let report = try await gonogo.run("audit", "verify", "--timeout", "2")
    #expect(report.status == ExitStatus.unavailable.rawValue)
    #expect(report.output.contains("tiering"), "\(report.output)")
    #expect(report.errors.contains(words), "\(report.errors)")
  }

  /// Changes a service's store while the system is down.
  private static func execute(_ sql: String, on service: ServiceName, _ gonogo: GatewayProcess) async throws {
    let count = try await write(on: service, gonogo) { try $0.execute(sql) }
    #expect(count > 0, "\(sql) had no effect in \(service)")
  }

  @discardableResult
  private static func write<R: Sendable>(
    on service: ServiceName, _ gonogo: GatewayProcess, _ body: @escaping @Sendable (any Transaction) throws -> R
  ) async throws -> R {
    let location = try DatabaseLocation.resolve(
      url: gonogo.databaseURL, folder: "\(gonogo.folder)/data/\(service)", service: service)
    let store = try await location.open { _ in }
    let result = try await store.write(body)
    try await store.close()
    return result
  }
}
