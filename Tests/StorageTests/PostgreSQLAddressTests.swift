import Foundation
import LaunchModel
import Storage
import TestSupport
import Testing

/// Invalid addresses are reported with a code that determines the exit status.
@Suite struct PostgreSQLAddressTests {
  @Test("Every service has its own schema") func schemas() throws {
    let url = "postgres://db/gonogo"
    #expect(
      try DatabaseLocation.resolve(url: url, folder: "/nowhere", service: .review)
        == .postgreSQL(url: url, schema: "gonogo_review"))
    #expect(
      try DatabaseLocation.resolve(url: nil, folder: "/data/review", service: .review)
        == .sqlite(path: "/data/review/store.sqlite"))
  }

  @Test("A URL of another scheme is refused") func otherURL() {
    let error = #expect(throws: StorageError.self) {
      _ = try DatabaseLocation.resolve(url: "mysql://db", folder: "/nowhere", service: .review)
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("GONOGO_DATABASE_URL") == true)
  }

  @Test(
    "An invalid URL is named without its password",
    arguments: [
      "postgres://u:secret@db/gonogo?colour=blue", "postgres://u:secr%zzet@db/gonogo", "postgres://[::1/gonogo",
    ])
  func unreadableURL(_ url: String) async {
    let error = await failure(url)
    #expect(error?.code == .address)
    #expect(error?.message.contains("GONOGO_DATABASE_URL") == true)
    #expect(error?.message.contains("secr") == false)
  }

  @Test(
    "An unreachable server is named without the password",
    arguments: [
      "postgres://u:secret@127.0.0.1:1/gonogo", "postgres://u:secret@127.0.0.1:1,127.0.0.1:2/gonogo",
      "postgres://u:secret@no-such-host.invalid/gonogo", "postgres:///gonogo?host=/nowhere",
    ])
  func unreachable(_ url: String) async {
    let error = await failure(url)
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("cannot be reached") == true)
    #expect(error?.message.contains("secret") == false)
  }
}

/// Connections that the server refuses, and servers that the store refuses.
@Suite(.enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES")) struct PostgreSQLRefusalTests {
  @Test("A wrong or missing password is reported") func passwords() async throws {
    for password in ["wrong", nil] {
      let error = await failure(try url { $0.password = password })
      #expect(error?.code == .forbidden)
      #expect(error?.message.contains("password") == true)
      #expect(error?.message.contains("GONOGO_DATABASE_URL") == true)
    }
  }

  @Test("A missing database is named") func missingDatabase() async throws {
    let error = await failure(try url { $0.path = "/no-such-database" })
    #expect(error?.code == .address)
    #expect(error?.message.contains("no-such-database") == true)
  }

  @Test(
    "A server that may lose acknowledged commits is refused",
    arguments: ["synchronous_commit", "transaction_read_only"])
  func unsafeServer(_ setting: String) async throws {
    let value = setting == "transaction_read_only" ? "default_transaction_read_only=on" : "\(setting)=off"
    let error = await failure(
      try url {
        $0.queryItems = [
          URLQueryItem(name: "options", value: "-c \(value)"), URLQueryItem(name: "target_session_attrs", value: "any"),
        ]
      })
    #expect(error?.code == (setting == "synchronous_commit" ? .notDurable : .unavailable))
  }

  @Test("One reachable host of several is enough") func severalHosts() async throws {
    let components = try components()
    let host = try #require(components.host)
    let port = try #require(components.port)
    let one = "\(host):\(port)"
    let several = try server().replacing("@\(one)", with: "@\(host):1,\(one)")
    let database = try await DatabaseLocation.postgreSQL(url: several, schema: "unused").open { _ in }
    #expect(try await database.read { try $0.queryOne("SELECT 1 AS n")?.int("n") } == 1)
    try await database.close()
  }

  @Test("A user who may not create the schema gets an error, and may use an existing one") func noRightToCreate()
    async throws
  {
    let name = "gonogo_test_\(String(UInt64.random(in: 0..<(1 << 40)), radix: 36))"
    let limited = try url {
      $0.user = name
      $0.password = "p"
    }
    try await StorageEngine.postgreSQL.withDatabase { admin in
      try await admin.write { tx in try tx.execute("CREATE ROLE \(name) LOGIN PASSWORD 'p'") }
      let location = DatabaseLocation.postgreSQL(url: limited, schema: name)
      let first = try await location.open { _ in }
      let error = await #expect(throws: StorageError.self) { try await first.migrate([DatabaseTests.table]) }
      #expect(error?.code == .forbidden)
      #expect(error?.message.contains(name) == true)
      #expect(error?.message.contains("AUTHORIZATION") == true)
      try await admin.write { tx in try tx.execute("CREATE SCHEMA \(name) AUTHORIZATION \(name)") }
      try await first.migrate([DatabaseTests.table])
      let keys = try await DatabaseTests.keys(first)
      #expect(keys == [])
      try await first.close()
      try await admin.write { tx in
        try tx.execute("DROP SCHEMA \(name) CASCADE")
        try tx.execute("DROP ROLE \(name)")
      }
    }
  }

  @Test(
    "The URL requests TLS and names the trusted certificates",
    .enabled(if: authority != nil, "needs GONOGO_TEST_POSTGRES_CA"))
  func tls() async throws {
    let certificate = try #require(Self.authority)
    func verified(by file: String) throws -> String {
      try url {
        $0.queryItems = [
          URLQueryItem(name: "sslmode", value: "verify-full"), URLQueryItem(name: "sslrootcert", value: file),
        ]
      }
    }
    let trusted = DatabaseLocation.postgreSQL(url: try verified(by: certificate), schema: "unused")
    let database = try await trusted.open { _ in }
    let row = try await database.read { tx in
      try tx.queryOne("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    }
    #expect(try row?.bool("ssl") == true)
    try await database.close()
    let stranger = await failure(try verified(by: "/etc/ssl/certs/no-such-authority.pem"))
    #expect(stranger?.code == .unavailable)
    #expect(stranger?.message.contains("certificate") == true)
  }

  private static let authority = ProcessInfo.processInfo.environment["GONOGO_TEST_POSTGRES_CA"]

  private func server() throws -> String { try #require(StorageEngine.serverURL) }

  private func components() throws -> URLComponents {
    let server = try server()
    return try #require(URLComponents(string: server))
  }

  private func url(_ change: (inout URLComponents) -> Void) throws -> String {
    var components = try components()
    change(&components)
    return try #require(components.string)
  }
}

/// The error of opening a store there.
private func failure(_ url: String) async -> StorageError? {
  await #expect(throws: StorageError.self) {
    _ = try await DatabaseLocation.postgreSQL(url: url, schema: "unused").open { _ in }
  }
}
