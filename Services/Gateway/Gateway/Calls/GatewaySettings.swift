import Documents
import FoundationEssentials
import Glibc
import JSON
import LaunchModel

/// The gateway's settings. Each is taken from a flag, or else the environment, or else `gonogo.yaml`, or else its
/// default, as for the services (`SettingKey` in ServiceKit documents each setting).
struct GatewaySettings: Sendable, Hashable {
  /// The folder of the sockets and of the supervisor's file.
  var runFolder: String
  /// The folder of the services' stores.
  var dataFolder: String
  /// The folder of `gonogo.yaml` and the documents beside it; nil for the current folder.
  var configFolder: String?
  /// The endpoints that differ from `ipc://RUN/SERVICE.sock`.
  var endpoints: [ServiceName: String] = [:]
  /// The folder of the CURVE keys; nil if none is set, which disables TCP.
  var keysFolder: String?
  /// The simulated clock, `START@RATE#ANCHOR`; nil for the system clock.
  var clock: String?
  /// The path of the `gonogo.yaml` that was read; nil if there is none.
  var file: String?
}

extension GatewaySettings {
  /// Combines the settings from the options, the environment and the file.
  ///
  /// - Throws: `GatewayError` if the file cannot be read, or if no data folder can be determined.
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
      throw GatewayError(.badInput, "no folder for the data: neither XDG_STATE_HOME nor HOME is set; set GONOGO_DATA")
    }
    self.init(
      runFolder: run ?? SettingDefaults.runFolder(environment.variables, uid: geteuid()), dataFolder: dataFolder,
      configFolder: config, keysFolder: try (options.keys ?? setting("KEYS", "keys")).map(Folder.absolute),
      clock: setting("CLOCK", "clock"), file: file?.path)
    for service in ServiceName.allCases {
      endpoints[service] = setting("ENDPOINT_\(service.rawValue.uppercased())", "endpoint", service.rawValue)
    }
  }

  /// The settings as environment variables for the services.
  var environment: [String: String] {
    var variables = ["GONOGO_RUN": runFolder, "GONOGO_DATA": dataFolder]
    variables["GONOGO_CONFIG"] = configFolder
    variables["GONOGO_KEYS"] = keysFolder
    variables["GONOGO_CLOCK"] = clock
    for (service, text) in endpoints { variables["GONOGO_ENDPOINT_\(service.rawValue.uppercased())"] = text }
    return variables
  }
}

/// The environment of the process, which is read only here.
struct ProcessEnvironment: Sendable, Hashable {
  var variables: [String: String]
  var workingFolder: String

  /// The environment of this process.
  static var current: ProcessEnvironment {
    ProcessEnvironment(
      variables: ProcessInfo.processInfo.environment, workingFolder: FileManager.default.currentDirectoryPath)
  }

  /// The variable; nil if it is unset or empty.
  subscript(_ name: String) -> String? {
    guard let value = variables[name], !value.isEmpty else { return nil }
    return value
  }
}

/// A `gonogo.yaml`.
struct SettingsFile: Sendable {
  let path: String
  private let value: JSONValue

  /// Reads the file; returns nil if it does not exist.
  ///
  /// - Throws: `GatewayError` if the file cannot be read or has errors.
  init?(path: String) throws(GatewayError) {
    guard access(path, F_OK) == 0 else { return nil }
    self.path = path
    let bytes = try InputFile(path).bytes()
    do throws(Problem) {
      let document = try SourceDocument(parsing: bytes, file: path)
      value = document.value
      do throws(Problem) { try SettingsDocument.check(value) } catch { throw document.locating(error) }
    } catch {
      throw GatewayError(error, file: path)
    }
  }

  /// The text at the key; nil if it is missing or empty.
  func text(at key: [String]) -> String? {
    guard let text = value.value(at: key)?.stringValue, !text.isEmpty else { return nil }
    return text
  }
}
