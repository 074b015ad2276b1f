import Configuration
import Documents
import Foundation
import JSON
public import LaunchModel
public import Logging
public import ZeroMQ

/// The settings of a process, from flags, environment and `gonogo.yaml`; `SettingKey` documents each.
public struct ServiceSettings: Sendable {
  /// The folder of the sockets.
  public var runFolder: String
  /// The folder of all services' data.
  public var dataFolder: String
  /// The folder of the roster, policy and calendars that a new installation adopts; nil if none was named.
  public var configFolder: String?
  /// The `postgres://…` URL of the database of every service; nil for SQLite below the data folder.
  public var databaseURL: String?
  /// The endpoints of services, if set in place of the default.
  public var endpoints: [ServiceName: [Endpoint]]
  /// The lowest log level to write; default `info`.
  public var logLevel: Logger.Level
  /// The simulated clock as `START@RATE#ANCHOR`; nil for the system clock.
  public var clock: String?
  /// The maximum size of an event on the bus, in bytes.
  public var eventBytes: Int
  /// The range of `eventBytes`.
  static let eventBytesRange = 1_024...1_048_576
  /// The maximum number of simultaneous connections; nil for as many as the limit of open files allows.
  public var connectionLimit: Int?
  /// The maximum number of simultaneous connections from one user or one remote address; nil for half of all.
  public var connectionPeerLimit: Int?
  /// The maximum bytes of replies that wait for slow readers.
  public var replyBytes: Int

  /// The endpoints to listen on; nil for the service's own endpoints.
  public var listen: [Endpoint]?
  /// The CURVE keys; nil if no folder is set, which rules out TCP.
  public var keys: KeyFolder?

  public init(
    runFolder: String, dataFolder: String, configFolder: String? = nil, databaseURL: String? = nil,
    endpoints: [ServiceName: [Endpoint]] = [:], logLevel: Logger.Level = .info, clock: String? = nil,
    eventBytes: Int = 65_536, connectionLimit: Int? = nil, connectionPeerLimit: Int? = nil,
    replyBytes: Int = 64 << 20, listen: [Endpoint]? = nil, keys: KeyFolder? = nil
  ) {
    self.runFolder = runFolder
    self.dataFolder = dataFolder
    self.configFolder = configFolder
    self.databaseURL = databaseURL
    self.endpoints = endpoints
    self.logLevel = logLevel
    self.clock = clock
    self.eventBytes = eventBytes
    self.connectionLimit = connectionLimit
    self.connectionPeerLimit = connectionPeerLimit
    self.replyBytes = replyBytes
    self.listen = listen
    self.keys = keys
  }

  /// Returns the endpoints at which a client tries to reach a service, in turn: the configured ones, where a TCP
  /// endpoint is repeated for each key that the server may have, or else the service's socket in the run folder.
  public func endpoints(of service: ServiceName) throws(ZeroMQError) -> [Endpoint] {
    let configured = try configuredEndpoints(of: service)
    return keys?.expanded(configured) ?? configured
  }

  /// Returns the endpoints that the service's own process listens on: those set with `GONOGO_LISTEN`, or else those of
  /// the service's endpoints that belong to this host; the others belong to other replicas. A single endpoint always
  /// belongs to this process.
  ///
  /// - Throws: `invalidEndpoint` if none of several endpoints is an address of this host, or if some belong to other
  ///   hosts although the stores are files, of which each host would have its own.
  public func bindings(
    of service: ServiceName, on host: HostAddresses = .current()
  ) throws(ZeroMQError) -> [Endpoint] {
    let configured = try configuredEndpoints(of: service)
    let own = configured.count > 1 ? host.bindable(configured) : configured
    guard databaseURL != nil || own.count == configured.count else {
      throw ZeroMQError(
        .invalidEndpoint,
        "\(service.rawValue) has endpoints on several hosts (\(configured.map(\.description).joined(separator: ", "))), "
          + "and each host would have its own SQLite store: set GONOGO_DATABASE_URL, or name one endpoint")
    }
    if let listen { return listen }
    guard !own.isEmpty else {
      throw ZeroMQError(
        .invalidEndpoint,
        "none of \(configured.map(\.description).joined(separator: ", ")) is an address of this host: "
          + "set GONOGO_LISTEN to the endpoints that \(service.rawValue) listens on here")
    }
    return own
  }

  private func configuredEndpoints(of service: ServiceName) throws(ZeroMQError) -> [Endpoint] {
    if let named = endpoints[service] { return named }
    return [try Endpoint(path: "\(runFolder)/\(service.rawValue).sock")]
  }

  /// The principals under which others see this process: its user on Unix sockets, its key over TCP.
  public var ownPrincipals: Set<Principal> {
    var own: Set<Principal> = [ProcessIdentity.ownPrincipal]
    if let keys { own.insert(.key(keys.own.publicKey.text)) }
    return own
  }

  /// Returns the data folder of a service.
  public func dataFolder(of service: ServiceName) -> String { "\(dataFolder)/\(service.rawValue)" }
}

extension ServiceSettings {
  /// Loads the settings. A flag overrides the environment, which overrides `gonogo.yaml`.
  ///
  /// Blocks while it reads `gonogo.yaml` and the keys, so that it must be called before the process starts any task.
  ///
  /// - Parameters:
  ///   - options: the flags.
  ///   - environment: the environment variables.
  ///   - workingFolder: the folder of `gonogo.yaml` if no configuration folder is set, and the base of relative paths.
  /// - Throws: `StartError` with the status for bad configuration, naming the setting.
  public static func load(
    options: ServiceOptions, environment: [String: String], workingFolder: String
  ) throws -> ServiceSettings {
    let given = options.values
    let flags = InMemoryProvider(
      name: "flags",
      values: Dictionary(
        uniqueKeysWithValues: given.map { (AbsoluteConfigKey($0.path), ConfigValue(.string($1), isSecret: false)) }))
    let variables = EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "gonogo")
    let first = SettingReader(reader: ConfigReader(providers: [flags, variables]))
    let configFolder = try first.text(.config)
    let file = try settingsFile("\(configFolder ?? workingFolder)/gonogo.yaml")
    let reader = SettingReader(reader: ConfigReader(providers: [flags, variables, file]))
    return ServiceSettings(
      runFolder: try reader.folder(.run, workingFolder) ?? SettingDefaults.runFolder(environment, uid: geteuid()),
      dataFolder: try reader.folder(.data, workingFolder) ?? (try defaultDataFolder(environment)),
      configFolder: try reader.folder(.config, workingFolder), databaseURL: try reader.text(.databaseURL),
      endpoints: try reader.endpoints(), logLevel: try reader.logLevel(), clock: try reader.text(.clock),
      eventBytes: try reader.number(.eventBytes, in: ServiceSettings.eventBytesRange) ?? 65_536,
      connectionLimit: try reader.number(.connectionLimit, in: SettingLimits.connections),
      connectionPeerLimit: try reader.number(.connectionPeer, in: SettingLimits.connectionsOfOnePeer),
      replyBytes: try reader.number(.replyBytes, in: SettingLimits.replyBytes) ?? 64 << 20,
      listen: try reader.endpoints(.listen), keys: try reader.keys(workingFolder))
  }

  /// Returns the values of the file; none if there is no such file.
  private static func settingsFile(_ path: String) throws(StartError) -> InMemoryProvider {
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    if let bytes = try ConfigurationFile.bytes(of: path) {
      collect(try document(bytes, path), at: [], into: &values)
    }
    return InMemoryProvider(name: path, values: values)
  }

  private static func document(_ bytes: [UInt8], _ path: String) throws(StartError) -> JSONValue {
    do throws(Problem) {
      let document = try SourceDocument(parsing: bytes, file: path)
      do throws(Problem) { try SettingsDocument.check(document.value) } catch { throw document.locating(error) }
      return document.value
    } catch {
      let messages = error.errors.map { error in
        "\(path):\(error.line.map(String.init) ?? "") \(error.pointer): \(error.detail)"
      }
      throw StartError(.badConfiguration, messages.isEmpty ? error.detail : messages.joined(separator: "; "))
    }
  }

  /// Adds the strings and integers of a checked document, by key path. A checked document has no other values.
  private static func collect(
    _ value: JSONValue, at path: [String], into values: inout [AbsoluteConfigKey: ConfigValue]
  ) {
    switch value {
    case .object(let members): for (name, member) in members { collect(member, at: path + [name], into: &values) }
    case .string(let text): values[AbsoluteConfigKey(path)] = ConfigValue(.string(text), isSecret: false)
    case .integer(let number): values[AbsoluteConfigKey(path)] = ConfigValue(.string(String(number)), isSecret: false)
    case .null, .bool, .number, .array: break
    }
  }

  private static func defaultDataFolder(_ environment: [String: String]) throws -> String {
    guard let folder = SettingDefaults.dataFolder(environment) else {
      throw StartError(
        .badConfiguration, "no data folder: XDG_STATE_HOME and HOME are not set; set GONOGO_DATA")
    }
    return folder
  }
}

/// Reads typed settings from the providers, with errors that name the setting.
private struct SettingReader {
  let reader: ConfigReader

  /// Returns the text of a setting; nil if it is missing or empty.
  func text(_ key: SettingKey) throws -> String? {
    let value = reader.string(forKey: ConfigKey(key.path))?.trimmingCharacters(in: .whitespaces)
    return value?.isEmpty == true ? nil : value
  }

  /// Returns an absolute path.
  func folder(_ key: SettingKey, _ workingFolder: String) throws -> String? {
    guard let path = try text(key) else { return nil }
    let absolute = path.hasPrefix("/") ? path : "\(workingFolder)/\(path)"
    return absolute.count > 1 && absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
  }

  /// Returns a whole number within the range.
  func number(_ key: SettingKey, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = try text(key) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw StartError(
        .badConfiguration,
        "\(key.variable) is \"\(text)\"; it must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func logLevel() throws -> Logger.Level {
    guard let text = try text(.logLevel) else { return .info }
    guard let level = Logger.Level(rawValue: text.lowercased()) else {
      let allowed = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
      throw StartError(
        .badConfiguration, "\(SettingKey.logLevel.variable) is \"\(text)\"; it must be one of \(allowed)")
    }
    return level
  }

  func endpoints() throws -> [ServiceName: [Endpoint]] {
    var endpoints: [ServiceName: [Endpoint]] = [:]
    for service in ServiceName.allCases { endpoints[service] = try self.endpoints(.endpoint(service)) }
    return endpoints
  }

  func endpoints(_ key: SettingKey) throws -> [Endpoint]? {
    guard let text = try text(key) else { return nil }
    do {
      return try Endpoint.list(text)
    } catch {
      throw StartError(.badConfiguration, "\(key.variable): \(error)")
    }
  }

  func keys(_ workingFolder: String) throws -> KeyFolder? {
    guard let folder = try folder(.keys, workingFolder) else { return nil }
    do {
      return try KeyFolder(folder)
    } catch {
      throw StartError(.badConfiguration, "\(SettingKey.keys.variable): \(error)")
    }
  }
}

/// A setting of a process: a flag, an environment variable, or a key of `gonogo.yaml`, in that order of precedence.
/// `gonogo.yaml` is read from the configuration folder, or from the working folder if none is named.
///
/// | flag | variable | `gonogo.yaml` | type | default |
/// |---|---|---|---|---|
/// | `--run` | `GONOGO_RUN` | `run` | folder; the path of a socket in it has at most 107 bytes |
/// `$XDG_RUNTIME_DIR/gonogo`, else `/run/gonogo` for root, else `gonogo-UID` below the temporary folder |
/// | `--data` | `GONOGO_DATA` | `data` | folder | `$XDG_STATE_HOME/gonogo`, else `~/.local/state/gonogo` |
/// | `--config` | `GONOGO_CONFIG` | none | folder | none |
/// | `--database-url` | `GONOGO_DATABASE_URL` | `database: {url: …}` | `postgres://…` | SQLite below the data folder |
/// | `--endpoint-SERVICE` | `GONOGO_ENDPOINT_SERVICE` | `endpoint: {SERVICE: …}` | `ipc://` paths and
/// `tcp://HOST:PORT`, comma-separated | `SERVICE.sock` in the run folder |
/// | `--listen` | `GONOGO_LISTEN` | `listen` | endpoints to listen on, comma-separated | the service's own endpoints |
/// | `--keys` | `GONOGO_KEYS` | `keys` | folder of the CURVE keys (`KeyFolder`), required for `tcp://` | none |
/// | `--log-level` | `GONOGO_LOG_LEVEL` | `log: {level: …}` | `trace`, `debug`, `info`, `notice`, `warning`, `error`,
/// `critical` | `info` |
/// | `--event-bytes` | `GONOGO_EVENT_BYTES` | `event: {bytes: …}` | maximum bytes of an event on the bus, 1,024 to
/// 1,048,576 | 65,536 |
/// | `--connection-limit` | `GONOGO_CONNECTION_LIMIT` | `connection: {limit: …}` | connections at once, 64 to 500,000 |
/// 512, or fewer if the limit of open files is below 704 |
/// | `--connection-peer` | `GONOGO_CONNECTION_PEER` | `connection: {peer: …}` | connections at once from one user or
/// one remote address, 1 to 500,000 | half of all |
/// | `--reply-bytes` | `GONOGO_REPLY_BYTES` | `reply: {bytes: …}` | maximum bytes of replies that wait for peers which
/// do not read them, 8 MiB to 16 GiB | 64 MiB |
/// | `--clock` | `GONOGO_CLOCK` | `clock` | `START@RATE#ANCHOR` | the system clock |
enum SettingKey: Hashable, CaseIterable {
  case run, data, config, databaseURL, logLevel, clock, eventBytes, connectionLimit, connectionPeer, replyBytes
  case listen, keys
  case endpoint(ServiceName)

  static let allCases: [SettingKey] =
    [
      .run, .data, .config, .databaseURL, .logLevel, .clock, .eventBytes, .connectionLimit, .connectionPeer,
      .replyBytes, .listen, .keys,
    ]
    + ServiceName.allCases.map { .endpoint($0) }

  /// The components of the key, as nested in `gonogo.yaml`.
  var path: [String] {
    switch self {
    case .run: ["run"]
    case .data: ["data"]
    case .config: ["config"]
    case .databaseURL: ["database", "url"]
    case .logLevel: ["log", "level"]
    case .clock: ["clock"]
    case .eventBytes: ["event", "bytes"]
    case .connectionLimit: ["connection", "limit"]
    case .connectionPeer: ["connection", "peer"]
    case .replyBytes: ["reply", "bytes"]
    case .listen: ["listen"]
    case .keys: ["keys"]
    case .endpoint(let service): ["endpoint", service.rawValue]
    }
  }

  /// The name of the environment variable, which messages use for the setting.
  var variable: String { (["gonogo"] + path).joined(separator: "_").uppercased() }
}
