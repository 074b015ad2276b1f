import Glibc
import LaunchModel
import ZeroMQ

/// Where things are: by flag, else environment, else `gonogo.yaml`, else the default, as for the services themselves
/// (`SettingKey` of the service kit documents each).
struct GatewaySettings: Sendable, Hashable {
  /// The folder of the sockets and of the supervisor's file.
  var runFolder: String
  /// The folder of the services' stores.
  var dataFolder: String
  /// The folder of `gonogo.yaml` and the documents beside it; nil where none was named, and the working folder is it.
  var configFolder: String?
  /// Endpoints other than `ipc://RUN/SERVICE.sock`.
  var endpoints: [ServiceName: String] = [:]
  /// The folder of the CURVE keys; nil where none was named, and there is no TCP.
  var keysFolder: String?
  /// `START@RATE#ANCHOR`; nil for the system's clock.
  var clock: String?
  /// The `gonogo.yaml` that was read; nil where there is none.
  var file: String?

  /// The endpoints of a service, to be tried in turn.
  ///
  /// - Throws: `ZeroMQError` where one cannot be used.
  func endpoints(of service: ServiceName) throws(ZeroMQError) -> [Endpoint] {
    guard let text = endpoints[service] else {
      return [try Endpoint(path: "\(runFolder)/\(service.rawValue).sock")]
    }
    let parsed = try Endpoint.list(text)
    guard parsed.contains(where: \.isTCP), let keys = try keys() else { return parsed }
    return keys.expanded(parsed)
  }

  /// The keys, read now; nil where no folder was named.
  func keys() throws(ZeroMQError) -> KeyFolder? {
    guard let keysFolder else { return nil }
    return try KeyFolder(keysFolder)
  }
}

extension GatewaySettings {
  /// The settings that the options, the environment and the file say together.
  ///
  /// - Throws: `GatewayError` where the file cannot be read, or there is no place for the data.
  init(_ options: GlobalOptions, environment: ProcessEnvironment) throws(GatewayError) {
    let config = try environment["GONOGO_CONFIG"].map(Folder.absolute)
    let path = "\(config ?? environment.workingFolder)/gonogo.yaml"
    let file = try SettingsFile(path: path)
    func setting(_ variable: String, _ key: String...) -> String? {
      environment["GONOGO_\(variable)"] ?? file?.text(at: key)
    }
    let run = try (options.runDir ?? setting("RUN", "run")).map(Folder.absolute)
    let data = try setting("DATA", "data").map(Folder.absolute)
    guard let dataFolder = data ?? SettingDefaults.dataFolder(environment.variables) else {
      throw GatewayError(.badInput, "there is neither XDG_STATE_HOME nor HOME to keep the data in; set GONOGO_DATA")
    }
    self.init(
      runFolder: run ?? SettingDefaults.runFolder(environment.variables, uid: geteuid()), dataFolder: dataFolder,
      configFolder: config, keysFolder: try (options.keys ?? setting("KEYS", "keys")).map(Folder.absolute),
      clock: setting("CLOCK", "clock"), file: file?.path)
    for service in ServiceName.allCases {
      endpoints[service] = setting("ENDPOINT_\(service.rawValue.uppercased())", "endpoint", service.rawValue)
    }
  }

  /// The settings as the services' environment has them.
  var environment: [String: String] {
    var variables = ["GONOGO_RUN": runFolder, "GONOGO_DATA": dataFolder]
    variables["GONOGO_CONFIG"] = configFolder
    variables["GONOGO_KEYS"] = keysFolder
    variables["GONOGO_CLOCK"] = clock
    for (service, text) in endpoints { variables["GONOGO_ENDPOINT_\(service.rawValue.uppercased())"] = text }
    return variables
  }
}
