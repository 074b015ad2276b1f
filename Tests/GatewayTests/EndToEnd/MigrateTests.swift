import Foundation
import JSON
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import Gateway

@Suite(
  "Moving an installation to PostgreSQL on the command line", .serialized,
  .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct MigrateTests {
  private static let id = "smart-routing"

  @Test("All data are available after the move, and work continues", .timeLimit(.minutes(10)))
  func wholeInstallation() async throws {
    try await withSampleInstallation(on: .sqlite) { gonogo in
      try await withPostgreSQLDatabase { url in
        try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
        try await Self.work(gonogo)
        let before = try await Self.state(gonogo)
        let whileUp = try await gonogo.run("migrate", "--to", url)
        #expect(whileUp.status == ExitStatus.unavailable.rawValue)
        #expect(whileUp.errors.contains("gonogo is running here"), "\(whileUp.errors)")
        try await gonogo.succeed("down")

        let moved = try await gonogo.succeed("migrate", "--to", url, "-o", "json")
        #expect(moved.errors.contains("set GONOGO_DATABASE_URL"), "\(moved.errors)")
        #expect(moved.errors.contains("the URL on the command line contains a password"), "\(moved.errors)")
        try await Self.expectEveryTable(of: try moved.json(), url, gonogo)
        let again = try await gonogo.succeed("migrate", "--to", url)
        #expect(again.output.contains("already copied, identical"), "\(again.output)")

        try Self.append("database: {url: \"\(url)\"}\n", to: "\(gonogo.folder)/gonogo.yaml")
        try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:30:00Z@1")
        #expect(try await Self.state(gonogo) == before)
        try await Self.continueWork(gonogo, head: try #require(before["head"]?.integerValue))
        try await gonogo.succeed("down")
        let late = try await gonogo.run("migrate", "--to", url)
        #expect(late.status == ExitStatus.conflict.rawValue)
        #expect(late.errors.contains("already contains other data"), "\(late.errors)")
      }
    }
  }

  @Test("An unusable database is reported without its password", .timeLimit(.minutes(10)))
  func unusableDatabase() async throws {
    try await withSampleInstallation(on: .sqlite) { gonogo in
      try await gonogo.succeed("up", "--detach")
      try await gonogo.succeed("down")
      try await withPostgreSQLDatabase { url in
        let password = try #require(URLComponents(string: url)?.password)
        let role = "mover_\(UInt32.random(in: 0...UInt32.max))"
        let (wrongPassword, wrongPort, wrongDatabase, noRights) = (
          try Self.changed(url) { $0.password = "\(password)x" }, try Self.changed(url) { $0.port = 1 },
          try Self.changed(url) { $0.path = "/nowhere" },
          try Self.changed(url) { ($0.user, $0.password) = (role, password) }
        )
        try await Self.execute("CREATE ROLE \(role) LOGIN PASSWORD '\(password)'", url)
        let cases: [(url: String, status: Int32, words: String)] = [
          ("mysql://x", ExitStatus.badInput.rawValue, "--to must begin with postgres://"),
          (wrongDatabase, ExitStatus.badInput.rawValue, "nowhere"),
          (wrongPassword, ExitStatus.forbidden.rawValue, "check the user and password in --to"),
          (wrongPort, ExitStatus.unavailable.rawValue, "cannot be reached"),
          (noRights, ExitStatus.forbidden.rawValue, "lacks permission to create the schema gonogo_tiering"),
        ]
        for (url, status, words) in cases {
          let outcome = try await gonogo.run("migrate", "--to", url)
          #expect(outcome.status == status, "\(outcome.errors)")
          #expect(outcome.errors.contains(words), "\(outcome.errors)")
          #expect(!outcome.errors.contains(password))
        }
        try await Self.execute("DROP ROLE \(role)", url)
      }
    }
  }

  @Test(
    "A store in use, a damaged one or a newer database stops the move, which can be repeated after the fix",
    .timeLimit(.minutes(10)))
  func interrupted() async throws {
    try await withSampleInstallation(on: .sqlite) { gonogo in
      try await gonogo.succeed("up", "--detach")
      try await gonogo.succeed("down")
      try await withPostgreSQLDatabase { url in
        let running = try await StorageEngine.sqlite.open(in: "\(gonogo.folder)/data/metrics")
        let locked = try await gonogo.run("migrate", "--to", url)
        #expect(locked.status == ExitStatus.unavailable.rawValue)
        #expect(locked.errors.contains("metrics: the store "), "\(locked.errors)")
        #expect(locked.errors.contains("already copied: tiering, checklist; once the problem is fixed, run the same"))
        try await running.write { try $0.execute("UPDATE schema_migrations SET id = id || '!' WHERE position = 0") }
        try await running.close()
        let older = try await gonogo.run("migrate", "--to", url)
        #expect(older.status == ExitStatus.badInput.rawValue)
        #expect(older.errors.contains("was written by a newer program"), "\(older.errors)")
        let repaired = try await StorageEngine.sqlite.open(in: "\(gonogo.folder)/data/metrics")
        try await repaired.write {
          try $0.execute("UPDATE schema_migrations SET id = rtrim(id, '!') WHERE position = 0")
        }
        try await repaired.close()
        let table = try await gonogo.succeed("migrate", "--to", url).output.split(separator: "\n")
        #expect(table.filter { $0.hasPrefix("tiering") }.allSatisfy { $0.hasSuffix("already copied, identical") })
        #expect(table.filter { $0.hasPrefix("metrics") }.allSatisfy { $0.hasSuffix("  copied, identical") })

        try await Self.execute("INSERT INTO gonogo_tiering.schema_migrations VALUES ('tiering/999', 999, '')", url)
        let newer = try await gonogo.run("migrate", "--to", url)
        #expect(newer.status == ExitStatus.badInput.rawValue)
        #expect(newer.errors.contains("does not know the migrations tiering/999"), "\(newer.errors)")
      }
    }
  }

  /// A launch with metrics, a done item, signals and a rejected event.
  private static func work(_ gonogo: GatewayProcess) async throws {
    try await gonogo.succeed("roster", "adopt", "people.yaml")
    try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
    try await gonogo.succeed("metric", "define", id, "metrics.yaml")
    try await gonogo.succeed("metric", "seal", id, "--reason", "no feeds yet")
    try await gonogo.succeed(as: "ibrahim", "item", "done", id, "qa", "rollout-plan", "--link", "https://ci.invalid/4")
    let events = (1...20).map { number in
      """
      {"specversion":"1.0","id":"\(number)","source":"//analytics/","type":"dev.gonogo.signal.feature.used.v1",\
      "data":{"feature":"smart-routing","account":"a\(number)"}}
      """
    }
    try Data((events + ["{}"]).joined(separator: "\n").utf8).write(to: URL(filePath: "\(gonogo.folder)/events.ndjson"))
    let published = try await gonogo.run("event", "publish", "events.ndjson", "-o", "json").json()
    #expect(published == ["read": 21, "stored": 20, "duplicate": 0, "rejected": 1])
    try await gonogo.succeed("event", "settle")
  }

  /// The state that is compared before and after the move.
  private static func state(_ gonogo: GatewayProcess) async throws -> JSONValue {
    try await gonogo.succeed("event", "settle")
    let audit = try await gonogo.succeed("audit", "verify", "-o", "json").json()
    let metrics = try await gonogo.succeed("metric", "show", id, "-o", "json").json()
    let tail = try await gonogo.succeed("event", "tail", "--after", "0", "--no-follow", "-o", "json").output
    return [
      "launch": try await gonogo.succeed("launch", "show", id, "-o", "json").json(),
      "items": try await gonogo.succeed("item", "list", id, "-o", "json").json()["items"] ?? .null,
      "digest": metrics["digest"] ?? .null, "audit": audit, "events": .string(tail),
      "quarantine": try await gonogo.succeed("event", "quarantine", "list", "-o", "json").json(),
      "head": .integer(Int64(tail.split(separator: "\n").count)),
    ]
  }

  /// Known events are duplicates, new ones get the next offsets, and launches can be proposed and changed.
  private static func continueWork(_ gonogo: GatewayProcess, head: Int64) async throws {
    let known = try await gonogo.run("event", "publish", "events.ndjson", "-o", "json").json()
    #expect(known == ["read": 21, "stored": 0, "duplicate": 20, "rejected": 1])
    #expect(try await gonogo.succeed("event", "quarantine", "list", "-o", "json").json()["total"] == 2)
    try Data(#"{"specversion":"1.0","id":"new","source":"//x/","type":"com.example.new"}"#.utf8)
      .write(to: URL(filePath: "\(gonogo.folder)/new.ndjson"))
    try await gonogo.succeed("event", "publish", "new.ndjson")
    let new = try await gonogo.succeed("event", "show", "\(head + 1)", "-o", "json").json()
    #expect(new["id"] == "new", "\(new)")
    let file = try String(contentsOfFile: "\(gonogo.folder)/smart-routing.yaml", encoding: .utf8)
    try Data(file.replacing("launch: \(id)", with: "launch: second").utf8)
      .write(to: URL(filePath: "\(gonogo.folder)/second.yaml"))
    try await gonogo.succeed("launch", "propose", "second.yaml")
    try await gonogo.succeed("launch", "reschedule", id, "2027-03-09", "--reason", "moved")
    try await gonogo.succeed("event", "settle")
    #expect(try await gonogo.succeed("launch", "list", "-o", "json").json()["launches"]?.arrayValue?.count == 2)
    #expect(try await gonogo.succeed("audit", "verify", "-o", "json").json()["intact"] == true)
  }

  /// Every table of every store, as listed by the two catalogs, is in the report and in the database.
  private static func expectEveryTable(of report: JSONValue, _ url: String, _ gonogo: GatewayProcess) async throws {
    let services = try #require(report["services"]?.arrayValue)
    #expect(services.compactMap { $0["service"]?.stringValue } == ["tiering", "checklist", "metrics", "review", "bus"])
    for service in services {
      let name = try #require(service["service"]?.stringValue)
      let reported = try #require(service["tables"]?.arrayValue).compactMap { $0["table"]?.stringValue }
      let file = "\(gonogo.folder)/data/\(name)/\(name == "bus" ? "log" : "store").sqlite"
      let source = try await names(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
        .sqlite(path: file))
      let target = try await names(
        """
        SELECT relname AS name FROM pg_class WHERE relnamespace = CAST(current_schema() AS regnamespace)
          AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
        """,
        .postgreSQL(url: url, schema: "gonogo_\(name)"))
      let records: Set = ["schema_migrations", "grdb_migrations"]
      // Only a log on PostgreSQL has partitions.
      let common = reported.filter { $0 != "log_partitions" }
      #expect(common == source.filter { !records.contains($0) })
      #expect(reported == target.filter { !records.contains($0) })
      #expect(reported.count >= 6)
    }
  }

  private static func names(_ sql: String, _ location: DatabaseLocation) async throws -> [String] {
    let store = try await location.open { _ in }
    let names = try await store.read { try $0.query(sql).map { try $0.text("name") } }
    try await store.close()
    return names
  }

  private static func execute(_ sql: String, _ url: String) async throws {
    let database = try await DatabaseLocation.postgreSQL(url: url, schema: "public").open { _ in }
    try await database.write { try $0.execute(sql) }
    try await database.close()
  }

  private static func changed(_ url: String, _ change: (inout URLComponents) -> Void) throws -> String {
    var components = try #require(URLComponents(string: url))
    change(&components)
    return try #require(components.string)
  }

  private static func append(_ text: String, to path: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }
}
