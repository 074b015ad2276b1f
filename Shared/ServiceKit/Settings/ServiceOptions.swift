public import ArgumentParser
import LaunchModel

/// The flags of a service's executable.
public struct ServiceOptions: ParsableArguments {
  @Option(help: "Folder of the sockets (GONOGO_RUN).")
  var run: String?
  @Option(help: "Folder of the data (GONOGO_DATA).")
  var data: String?
  @Option(help: "Folder of gonogo.yaml, policy, roster, calendars, mappings (GONOGO_CONFIG).")
  var config: String?
  @Option(help: "Where the store is; SQLite below the data folder by default (GONOGO_DATABASE_URL).")
  var databaseURL: String?
  @Option(help: "trace, debug, info, notice, warning, error or critical (GONOGO_LOG_LEVEL).")
  var logLevel: String?
  @Option(help: "START@RATE#ANCHOR instead of the system's clock (GONOGO_CLOCK).")
  var clock: String?
  @Option(help: "Bytes of the largest event that the bus takes (GONOGO_EVENT_BYTES).")
  var eventBytes: String?
  @Option(help: "What this process listens on instead of its own endpoints (GONOGO_LISTEN).")
  var listen: String?
  @Option(help: "Folder of the CURVE keys, which tcp:// endpoints need (GONOGO_KEYS).")
  var keys: String?
  @Option(help: "Endpoints of the bus (GONOGO_ENDPOINT_BUS).")
  var endpointBus: String?
  @Option(help: "Endpoints of tiering (GONOGO_ENDPOINT_TIERING).")
  var endpointTiering: String?
  @Option(help: "Endpoints of checklist (GONOGO_ENDPOINT_CHECKLIST).")
  var endpointChecklist: String?
  @Option(help: "Endpoints of metrics (GONOGO_ENDPOINT_METRICS).")
  var endpointMetrics: String?
  @Option(help: "Endpoints of review (GONOGO_ENDPOINT_REVIEW).")
  var endpointReview: String?

  public init() {}

  /// The flags that were given.
  var values: [SettingKey: String] {
    let given: [SettingKey: String?] = [
      .run: run, .data: data, .config: config, .databaseURL: databaseURL, .logLevel: logLevel, .clock: clock,
      .eventBytes: eventBytes, .listen: listen, .keys: keys,
      .endpoint(.bus): endpointBus, .endpoint(.tiering): endpointTiering, .endpoint(.checklist): endpointChecklist,
      .endpoint(.metrics): endpointMetrics, .endpoint(.review): endpointReview,
    ]
    return given.compactMapValues { $0 }
  }
}
