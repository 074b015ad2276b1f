import Configuration
import Documents
import Foundation
import JSON
public import LaunchModel
public import Logging
public import ZeroMQ

/// What a process is told by flags, environment and `gonogo.yaml`; `SettingKey` documents each.
public struct ServiceSettings: Sendable {
  /// The folder of the sockets.
  public var runFolder: String
  /// The folder of all services' data.
  public var dataFolder: String
  /// The folder of policy, roster, calendars and mappings, where one was named.
  public var configFolder: String?
  /// As `postgres://…`, for every service; nil for SQLite below the data folder.
  public var databaseURL: String?
  /// Endpoints that were named instead of the default.
  public var endpoints: [ServiceName: [Endpoint]]
  /// The least severe level that is written; default `info`.
  public var logLevel: Logger.Level
  /// `START@RATE#ANCHOR`, where the clock is not to be the system's.
  public var clock: String?
  /// Bytes of the largest event that the bus takes.
  public var eventBytes: Int

  /// What this process listens on, where that is something else than its own endpoints.
  public var listen: [Endpoint]?
  /// The CURVE keys; nil where none were named, and there is no TCP.
  public var keys: KeyFolder?

  public init(
    runFolder: String, dataFolder: String, configFolder: String? = nil, databaseURL: String? = nil,
    endpoints: [ServiceName: [Endpoint]] = [:], logLevel: Logger.Level = .info, clock: String? = nil,
    eventBytes: Int = 65_536, listen: [Endpoint]? = nil, keys: KeyFolder? = nil
  ) {
    self.runFolder = runFolder
    self.dataFolder = dataFolder
    self.configFolder = configFolder
    self.databaseURL = databaseURL
    self.endpoints = endpoints
    self.logLevel = logLevel
    self.clock = clock
    self.eventBytes = eventBytes
    self.listen = listen
    self.keys = keys
  }

  /// Where a client tries to reach a service, one after the other: what was named, over TCP once for each key that the
  /// server may have; or its socket in the run folder.
  public func endpoints(of service: ServiceName) throws(ZeroMQError) -> [Endpoint] {
    let places = try places(of: service)
    return keys?.expanded(places) ?? places
  }

  /// What the service's own process listens on: what was named for it, or those of the service's endpoints that are of this
  /// host, the others being other replicas'. A single endpoint is this process's own.
  ///
  /// - Throws: `invalidEndpoint` where none of several is an address of this host, or where some are another's and the stores are
  ///   files, of which each host would have its own.
  public func bindings(
    of service: ServiceName, on host: HostAddresses = .current()
  ) throws(ZeroMQError) -> [Endpoint] {
    let places = try places(of: service)
    let own = places.count > 1 ? host.own(places) : places
    guard databaseURL != nil || own.count == places.count else {
      throw ZeroMQError(
        .invalidEndpoint,
        "\(service.rawValue) is on several hosts (\(places.map(\.description).joined(separator: ", "))), and each would have a "
          + "store of its own: set GONOGO_DATABASE_URL, or name one endpoint")
    }
    if let listen { return listen }
    guard !own.isEmpty else {
      throw ZeroMQError(
        .invalidEndpoint,
        "none of \(places.map(\.description).joined(separator: ", ")) is an address of this host; "
          + "say with GONOGO_LISTEN what \(service.rawValue) listens on here")
    }
    return own
  }

  private func places(of service: ServiceName) throws(ZeroMQError) -> [Endpoint] {
    if let named = endpoints[service] { return named }
    return [try Endpoint(path: "\(runFolder)/\(service.rawValue).sock")]
  }

  /// The principals that this process is to others: its user on Unix sockets, its key over TCP.
  public var ownPrincipals: Set<Principal> {
    var own: Set<Principal> = [ProcessIdentity.ownPrincipal]
    if let keys { own.insert(.key(keys.own.publicKey.text)) }
    return own
  }

  /// A service's own data folder.
  public func dataFolder(of service: ServiceName) -> String { "\(dataFolder)/\(service.rawValue)" }
}

extension ServiceSettings {
  /// Reads the settings: flag before environment before `gonogo.yaml`.
  ///
  /// Blocks while it reads `gonogo.yaml` and the keys; a process calls it before it starts any task.
  ///
  /// - Parameters:
  ///   - options: the flags.
  ///   - environment: the process's variables.
  ///   - workingFolder: the folder of `gonogo.yaml` if no configuration folder is named.
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
      eventBytes: try reader.number(.eventBytes, in: 1_024...1_048_576) ?? 65_536,
      listen: try reader.endpoints(.listen), keys: try reader.keys(workingFolder))
  }

  /// What the file says; nothing if there is no such file.
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
      let faults = error.errors.map { fault in
        "\(path):\(fault.line.map(String.init) ?? "") \(fault.pointer): \(fault.detail)"
      }
      throw StartError(.badConfiguration, faults.isEmpty ? error.detail : faults.joined(separator: "; "))
    }
  }

  /// The texts and whole numbers of a checked document, by the path of their keys; it has no other values.
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
        .badConfiguration, "there is neither XDG_STATE_HOME nor HOME to keep the data in; set GONOGO_DATA")
    }
    return folder
  }
}

/// Typed settings out of the providers, with messages that name the setting.
private struct SettingReader {
  let reader: ConfigReader

  /// Nil where the setting is not given or empty.
  func text(_ key: SettingKey) throws -> String? {
    let value = reader.string(forKey: ConfigKey(key.path))?.trimmingCharacters(in: .whitespaces)
    return value?.isEmpty == true ? nil : value
  }

  /// An absolute path.
  func folder(_ key: SettingKey, _ workingFolder: String) throws -> String? {
    guard let path = try text(key) else { return nil }
    let absolute = path.hasPrefix("/") ? path : "\(workingFolder)/\(path)"
    return absolute.count > 1 && absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
  }

  /// A whole number within the range.
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
        .badConfiguration, "\(SettingKey.logLevel.variable) is \"\(text)\"; it can be \(allowed)")
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

/// Every setting of a process. Each is a flag, an environment variable, or a key of `gonogo.yaml`, in that order of
/// precedence; `gonogo.yaml` is read from the configuration folder, or from the working folder where none is named.
///
/// | flag | variable | `gonogo.yaml` | type | default |
/// |---|---|---|---|---|
/// | `--run` | `GONOGO_RUN` | `run` | folder; a socket's path below it has at most 107 bytes | `$XDG_RUNTIME_DIR/gonogo`, else `/run/gonogo` for root, else `gonogo-UID` below the temporary folder |
/// | `--data` | `GONOGO_DATA` | `data` | folder | `$XDG_STATE_HOME/gonogo`, else `~/.local/state/gonogo` |
/// | `--config` | `GONOGO_CONFIG` | none | folder | none |
/// | `--database-url` | `GONOGO_DATABASE_URL` | `database: {url: …}` | `postgres://…` | SQLite below the data folder |
/// | `--endpoint-SERVICE` | `GONOGO_ENDPOINT_SERVICE` | `endpoint: {SERVICE: …}` | `ipc://` paths and `tcp://HOST:PORT`, comma-separated | `SERVICE.sock` in the run folder |
/// | `--listen` | `GONOGO_LISTEN` | `listen` | what this process listens on instead of its own endpoints, comma-separated | its own endpoints |
/// | `--keys` | `GONOGO_KEYS` | `keys` | the folder of the CURVE keys (`KeyFolder`), which `tcp://` needs | none |
/// | `--log-level` | `GONOGO_LOG_LEVEL` | `log: {level: …}` | `trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical` | `info` |
/// | `--event-bytes` | `GONOGO_EVENT_BYTES` | `event: {bytes: …}` | the largest event that the bus takes, 1,024 to 1,048,576 bytes | 65,536 |
/// | `--clock` | `GONOGO_CLOCK` | `clock` | `START@RATE#ANCHOR` | the system's clock |
enum SettingKey: Hashable, CaseIterable {
  case run, data, config, databaseURL, logLevel, clock, eventBytes, listen, keys
  case endpoint(ServiceName)

  static let allCases: [SettingKey] =
    [.run, .data, .config, .databaseURL, .logLevel, .clock, .eventBytes, .listen, .keys]
    + ServiceName.allCases.map { .endpoint($0) }

  /// The parts of the key, as `gonogo.yaml` nests them.
  var path: [String] {
    switch self {
    case .run: ["run"]
    case .data: ["data"]
    case .config: ["config"]
    case .databaseURL: ["database", "url"]
    case .logLevel: ["log", "level"]
    case .clock: ["clock"]
    case .eventBytes: ["event", "bytes"]
    case .listen: ["listen"]
    case .keys: ["keys"]
    case .endpoint(let service): ["endpoint", service.rawValue]
    }
  }

  /// As messages name it.
  var variable: String { (["gonogo"] + path).joined(separator: "_").uppercased() }
}
