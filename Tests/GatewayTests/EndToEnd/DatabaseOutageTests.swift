import Foundation
import TestSupport
import Testing

@testable import Gateway

/// What operators see when the database is the cause: the reason, in `doctor`, `ps` and the errors of calls.
@Suite(
  .serialized, .timeLimit(.minutes(5)),
  .enabled(if: PostgreSQLServer.isAvailable, "needs GONOGO_TEST_POSTGRES_BIN"))
struct DatabaseOutageTests {
  /// A change of the server that the services meet when they connect again.
  private struct Outage {
    let begin: [String]
    let end: [String]
    /// What the reason says.
    let reason: String
  }

  private static let outages = [
    Outage(
      begin: ["ALTER DATABASE gonogo SET default_transaction_read_only = on"],
      end: ["ALTER DATABASE gonogo RESET default_transaction_read_only"],
      reason: "read-only"),
    Outage(
      begin: ["ALTER ROLE app NOLOGIN"], end: ["ALTER ROLE app LOGIN"], reason: "is not permitted to log in"),
    Outage(
      begin: ["ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"],
      end: ["ALTER SYSTEM RESET fsync", "SELECT pg_reload_conf()"], reason: "fsync is off"),
    Outage(
      begin: ["ALTER ROLE app CONNECTION LIMIT 0"], end: ["ALTER ROLE app CONNECTION LIMIT -1"],
      reason: "too many connections for role"),
    Outage(
      // A database in use cannot be renamed.
      begin: [
        "ALTER ROLE app NOLOGIN", disconnect, "ALTER DATABASE gonogo RENAME TO elsewhere", "ALTER ROLE app LOGIN",
      ],
      end: ["ALTER DATABASE elsewhere RENAME TO gonogo"],
      reason: "database \"gonogo\" does not exist"),
  ]

  private static let disconnect = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'"

  @Test("An outage is shown with the database's reason, and the services resume by themselves afterwards")
  func outages() async throws {
    try await Self.withInstallation { server, gonogo in
      for outage in Self.outages {
        try await server.run(outage.begin + [Self.disconnect])
        let doctor = try await Self.repeated(gonogo, "doctor") { $0.output.contains(outage.reason) }
        #expect(doctor.output.contains(outage.reason), "\(doctor.output)\(doctor.errors)")
        #expect(doctor.status == ExitStatus.no.rawValue)
        let list = try await gonogo.run("launch", "list", "--timeout", "3")
        #expect(list.status == ExitStatus.unavailable.rawValue, "\(outage.reason): \(list.errors)")
        #expect(list.errors.contains(outage.reason), "\(list.errors)")
        #expect(try await gonogo.run("ps").status == ExitStatus.no.rawValue, "\(outage.reason)")
        try await server.run(outage.end)
        let after = try await Self.repeated(gonogo, "doctor") { $0.status == 0 }
        #expect(after.status == 0, "after \(outage.reason): \(after.output)")
        #expect(try await gonogo.succeed("launch", "list").output.contains("smart-routing"))
      }
    }
  }

  @Test("If a database is replaced by an empty one, that is reported")
  func replaced() async throws {
    try await Self.withInstallation { server, gonogo in
      try await server.run(["DROP DATABASE gonogo WITH (FORCE)", "CREATE DATABASE gonogo OWNER app"])
      let doctor = try await Self.repeated(gonogo, "doctor") { $0.output.contains("replaced") }
      #expect(doctor.status == ExitStatus.no.rawValue)
      #expect(doctor.output.contains("replaced"), "\(doctor.output)")
      let list = try await gonogo.run("launch", "list", "--timeout", "3")
      #expect(list.status != 0 && !list.output.contains("smart-routing"))
    }
  }

  /// Runs the body with a server whose database belongs to a role without further rights, and an installation on it that has a
  /// launch.
  private static func withInstallation(
    _ body: (PostgreSQLServer, GatewayProcess) async throws -> Void
  ) async throws {
    try await withPostgreSQLServer { server in
      try await server.run(["CREATE ROLE app LOGIN", "CREATE DATABASE gonogo OWNER app"])
      try await withSampleInstallation(databaseURL: server.url(of: "gonogo", user: "app")) { gonogo in
        try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
        try await gonogo.succeed("roster", "adopt", "people.yaml")
        try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
        try await body(server, gonogo)
      }
    }
  }

  /// Runs a command until its outcome fits, or the time is up.
  private static func repeated(
    _ gonogo: GatewayProcess, _ word: String, until fits: (GatewayProcess.Outcome) -> Bool
  ) async throws -> GatewayProcess.Outcome {
    let deadline = ContinuousClock.now + .testTimeout
    while true {
      let outcome = try await gonogo.run(word, "--timeout", "3")
      if fits(outcome) || .now > deadline { return outcome }
      // A short delay, because other processes have to notice.
      try await Task.sleep(for: .milliseconds(100))
    }
  }
}
