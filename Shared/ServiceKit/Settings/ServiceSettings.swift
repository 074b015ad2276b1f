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
