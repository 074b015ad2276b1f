import ArgumentParser
import Foundation
import LaunchModel
import Logging
import ServiceKit
import TestSupport
import Testing
import ZeroMQ

@Suite struct SettingsTests {
  private static func load(
    _ flags: [String] = [], _ environment: [String: String] = [:], in folder: String
  ) throws -> ServiceSettings {
    try ServiceSettings.load(
      options: try ServiceOptions.parse(flags), environment: ["HOME": "/h"].merging(environment) { $1 },
      workingFolder: folder)
  }

  private static func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  @Test("A flag overrides the environment, which overrides the file") func precedence() async throws {
    try await withTemporaryFolder { folder in
      try Self.write("run: /from/file\ndata: /from/file\nlog: {level: error}\nclock: file\n", "\(folder)/gonogo.yaml")
      let settings = try Self.load(
        ["--run", "/from/flag"], ["GONOGO_RUN": "/from/environment", "GONOGO_DATA": "/from/environment"], in: folder)
      #expect(settings.runFolder == "/from/flag")
      #expect(settings.dataFolder == "/from/environment")
      #expect(settings.logLevel == .error)
      #expect(settings.clock == "file")
    }
  }

  @Test("The limits for connections and replies are settings like any others") func connections() async throws {
    try await withTemporaryFolder { folder in
      let unset = try Self.load(in: folder)
      #expect(unset.connectionLimit == nil)
      #expect(unset.connectionPeerLimit == nil)
      #expect(unset.replyBytes == 64 << 20)
      try Self.write("connection: {limit: 100, peer: 10}\nreply: {bytes: 8388608}\n", "\(folder)/gonogo.yaml")
      let settings = try Self.load(["--connection-peer", "20"], ["GONOGO_CONNECTION_LIMIT": "200"], in: folder)
      #expect(settings.connectionLimit == 200)
      #expect(settings.connectionPeerLimit == 20)
      #expect(settings.replyBytes == 8 << 20)
      #expect(throws: StartError.self) { try Self.load(["--connection-limit", "63"], in: folder) }
      #expect(throws: StartError.self) { try Self.load(["--reply-bytes", "1000"], in: folder) }
    }
  }

  @Test("The file is read from the configuration folder") func configurationFolder() async throws {
    try await withTemporaryFolder { folder in
      try Self.write("database: {url: 'postgres://db/gonogo'}\n", "\(folder)/gonogo.yaml")
      let settings = try Self.load([], ["GONOGO_CONFIG": folder], in: "/nowhere")
      #expect(settings.databaseURL == "postgres://db/gonogo")
      #expect(settings.configFolder == folder)
    }
  }

  @Test func ofSeveralEndpointsAServiceListensOnThoseOfItsHost() throws {
    let both = [
      "GONOGO_ENDPOINT_TIERING": "tcp://10.0.0.1:7412,tcp://10.0.0.2:7412",
      "GONOGO_DATABASE_URL": "postgres://db/gonogo",
    ]
    let settings = try Self.load([], both, in: "/nowhere")
    let second = try settings.bindings(of: .tiering, on: HostAddresses(["10.0.0.2"]))
    #expect(second.map(\.description) == ["tcp://10.0.0.2:7412"])
    let error = #expect(throws: ZeroMQError.self) {
      try settings.bindings(of: .tiering, on: HostAddresses(["10.0.0.3"]))
    }
    #expect(error?.detail.contains("GONOGO_LISTEN") == true)
    let named = try Self.load([], both.merging(["GONOGO_LISTEN": "tcp://*:7412"]) { $1 }, in: "/nowhere")
    #expect(try named.bindings(of: .tiering, on: HostAddresses([])).map(\.description) == ["tcp://*:7412"])
  }

  @Test func severalHostsWithAStoreOfTheirOwnEachAreRefused() throws {
    let both = ["GONOGO_ENDPOINT_TIERING": "tcp://10.0.0.1:7412,tcp://10.0.0.2:7412"]
    let settings = try Self.load([], both, in: "/nowhere")
    let error = #expect(throws: ZeroMQError.self) {
      try settings.bindings(of: .tiering, on: HostAddresses(["10.0.0.1"]))
    }
    #expect(error?.detail.contains("set GONOGO_DATABASE_URL") == true)
    let oneHost = try settings.bindings(of: .tiering, on: HostAddresses(["10.0.0.1", "10.0.0.2"]))
    #expect(oneHost.count == 2)
  }

  @Test func everyVariableOfTheContractIsRead() throws {
    let settings = try Self.load(
      [],
      [
        "GONOGO_RUN": "/r", "GONOGO_DATA": "/d", "GONOGO_CONFIG": "/c", "GONOGO_DATABASE_URL": "postgres://x",
        "GONOGO_ENDPOINT_BUS": "ipc:///b.sock, /c.sock", "GONOGO_LOG_LEVEL": "DEBUG",
        "GONOGO_CLOCK": "2027-01-01T00:00:00Z@10#2026-01-01T00:00:00Z",
      ], in: "/nowhere")
    #expect(settings.runFolder == "/r")
    #expect(settings.dataFolder == "/d")
    #expect(settings.configFolder == "/c")
    #expect(settings.databaseURL == "postgres://x")
    #expect(try settings.endpoints(of: .bus).map(\.path) == ["/b.sock", "/c.sock"])
    #expect(try settings.endpoints(of: .tiering).map(\.path) == ["/r/tiering.sock"])
    #expect(settings.logLevel == .debug)
    #expect(settings.clock == "2027-01-01T00:00:00Z@10#2026-01-01T00:00:00Z")
  }

  @Test(
    "The default run folder belongs to the user",
    arguments: [
      (["XDG_RUNTIME_DIR": "/run/user/7"], 1_000, "/run/user/7/gonogo"), ([:], 0, "/run/gonogo"),
      ([:], 1_000, "/tmp/gonogo-1000"), (["TMPDIR": "/var/tmp/"], 1_000, "/var/tmp/gonogo-1000"),
    ] as [([String: String], UInt32, String)])
  func defaultRunFolder(
    _ environment: [String: String], _ uid: UInt32, _ folder: String
  ) {
    #expect(SettingDefaults.runFolder(environment, uid: uid) == folder)
  }

  @Test(
    "The default data folder belongs to the user",
    arguments: [(["XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/gonogo"), (["HOME": "/h"], "/h/.local/state/gonogo")])
  func defaultDataFolder(_ environment: [String: String], _ folder: String) {
    #expect(SettingDefaults.dataFolder(environment) == folder)
  }

  @Test(
    "An invalid setting is named with the valid values",
    arguments: [
      ("GONOGO_LOG_LEVEL", "loud", "trace"), ("GONOGO_ENDPOINT_BUS", "tcp://bus", "no valid port"),
      ("GONOGO_ENDPOINT_METRICS", "relative/path", "absolute"), ("GONOGO_LISTEN", "tcp://*:0", "65535"),
      ("GONOGO_KEYS", "/nowhere", "own.key_secret"),
    ])
  func aSettingThatCannotBeIsNamedWithWhatItCanBe(_ name: String, _ value: String, _ hint: String) throws {
    let failure = #expect(throws: StartError.self) {
      _ = try Self.load([], [name: value], in: "/nowhere")
    }
    #expect(failure?.status == .badConfiguration)
    #expect(failure?.message.contains(name) == true)
    #expect(failure?.message.contains(hint) == true)
  }

  @Test("A file that is not YAML is named") func invalidFile() async throws {
    try await withTemporaryFolder { folder in
      try Self.write("run: [unclosed\n", "\(folder)/gonogo.yaml")
      let failure = #expect(throws: StartError.self) { _ = try Self.load(in: folder) }
      #expect(failure?.status == .badConfiguration)
      #expect(failure?.message.contains("\(folder)/gonogo.yaml") == true)
    }
  }

  @Test func aFileThatIsThereButCannotBeReadIsNamed() async throws {
    try await withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/gonogo.yaml", withIntermediateDirectories: false)
      let failure = #expect(throws: StartError.self) { _ = try Self.load(in: folder) }
      #expect(failure?.status == .badConfiguration)
      #expect(failure?.message.contains("cannot read \(folder)/gonogo.yaml") == true)
    }
  }

  @Test func theFileGivesTextsAndNumbers() async throws {
    try await withTemporaryFolder { folder in
      try Self.write(
        "event: {bytes: 2048}\nendpoint:\n  bus: ipc:///a.sock, ipc:///b.sock\nlisten:\n", "\(folder)/gonogo.yaml")
      let settings = try Self.load(in: folder)
      #expect(settings.eventBytes == 2_048)
      #expect(try settings.endpoints(of: .bus).map(\.path) == ["/a.sock", "/b.sock"])
      #expect(settings.listen == nil)
    }
  }

  @Test func withoutAnyPlaceForTheDataThatIsSaid() throws {
    let failure = #expect(throws: StartError.self) {
      _ = try Self.load([], ["HOME": ""], in: "/nowhere")
    }
    #expect(failure?.message.contains("GONOGO_DATA") == true)
  }
}
