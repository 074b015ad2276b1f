import Foundation

/// A PostgreSQL server to measure on, and its baseline: `pgbench` inserts the same rows without a bus.
struct PostgreSQLBaseline {
  /// The server's URL from `GONOGO_TEST_POSTGRES`, which `deploy/postgres-for-tests` sets; nil if unset.
  static let serverURL = ProcessInfo.processInfo.environment["GONOGO_TEST_POSTGRES"]
  /// The folder of `pgbench` and `psql`; nil if they are on the PATH.
  private static let programs = ProcessInfo.processInfo.environment["GONOGO_TEST_POSTGRES_BIN"]

  let url: String
  /// The server's version, for example `15.14`.
  let version: String
  private let folder: String
  private let connection: [String: String]

  /// - Parameter folder: receives the generated scripts.
  init(url: String, folder: String) throws {
    guard let parts = URLComponents(string: url), let host = parts.host else {
      throw BenchmarkFailure(message: "GONOGO_TEST_POSTGRES has no host")
    }
    self.url = url
    self.folder = folder
    connection = [
      "PGHOST": host, "PGPORT": parts.port.map(String.init), "PGUSER": parts.user, "PGPASSWORD": parts.password,
      "PGDATABASE": String(parts.path.dropFirst()),
    ].compactMapValues(\.self)
    version = try Self.run("psql", ["-qAtX", "-c", "SHOW server_version"], connection)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Returns the rows per second that `clients` insert, `rows` per transaction.
  ///
  /// Offsets come from a sequence, so transactions can run in parallel; the bus cannot use one.
  func insert(rows: Int, clients: Int, seconds: Double) throws -> Double {
    try sql(
      """
      DROP SCHEMA IF EXISTS gonogo_benchmark CASCADE; CREATE SCHEMA gonogo_benchmark; SET search_path = gonogo_benchmark;
      CREATE SEQUENCE offsets;
      CREATE TABLE events ("offset" BIGINT PRIMARY KEY, stored_at BIGINT NOT NULL, checksum BIGINT NOT NULL,
        type_start BIGINT NOT NULL, type_length BIGINT NOT NULL, bytes BYTEA NOT NULL);
      CREATE TABLE event_keys (source TEXT COLLATE "C" NOT NULL, id TEXT COLLATE "C" NOT NULL, "offset" BIGINT NOT NULL,
        PRIMARY KEY (source, id));
      """)
    let script = "\(folder)insert-\(rows).sql"
    try Self.statement(rows: rows).write(toFile: script, atomically: true, encoding: .utf8)
    let threads = min(clients, ProcessInfo.processInfo.activeProcessorCount)
    let said = try Self.run(
      "pgbench",
      [
        "-n", "-M", "prepared", "-f", script, "-c", "\(clients)", "-j", "\(threads)", "-T",
        "\(Int(seconds.rounded(.up)))",
      ],
      connection)
    try sql("DROP SCHEMA gonogo_benchmark CASCADE")
    guard let rate = said.firstMatch(of: #/tps = ([0-9.]+)/#).flatMap({ Double($0.1) }) else {
      throw BenchmarkFailure(message: "pgbench printed no rate: \(said)")
    }
    return rate * Double(rows)
  }

  /// Removes a bus's log, so that the next bus starts with an empty one.
  func removeLog() throws { try sql("DROP SCHEMA IF EXISTS gonogo_bus CASCADE") }

  private func sql(_ text: String) throws {
    _ = try Self.run("psql", ["-qAtX", "-v", "ON_ERROR_STOP=1", "-c", text], connection)
  }

  /// Returns one transaction of rows with time-ordered ids, as large as the publishers' events.
  private static func statement(rows: Int) -> String {
    """
    WITH fresh AS (SELECT nextval('gonogo_benchmark.offsets') AS n FROM generate_series(1, \(rows))),
    event AS (
      SELECT n, '//bench/' || lpad(:client_id::text, 2, '0') AS source,
        '01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0') AS id FROM fresh),
    keys AS (INSERT INTO gonogo_benchmark.event_keys (source, id, "offset") SELECT source, id, n FROM event)
    INSERT INTO gonogo_benchmark.events ("offset", stored_at, checksum, type_start, type_length, bytes)
    SELECT n, 1798794000000000, n * 7919, 94, 33, convert_to(rpad('{"specversion":"1.0","id":"' || id || '","source":"'
      || source || '","type":"dev.gonogo.signal.feature.used.v1","data":{"feature":"smart-routing","account":"account-'
      || lpad((n % 1000000)::text, 6, '0') || '","user":"', \(PublishLoad.eventBytes - 3), 'u') || '"}}', 'UTF8') FROM event;

    """
  }

  private static func run(_ program: String, _ arguments: [String], _ environment: [String: String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [programs.map { "\($0)/\(program)" } ?? program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try withoutBlockedSignals { try process.run() }
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BenchmarkFailure(message: "\(program): \(said)") }
    return said
  }

  /// Unblocks signals while a process starts: it inherits the mask of task threads, and pgbench needs SIGALRM to stop.
  private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }
}
