import LaunchModel

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
