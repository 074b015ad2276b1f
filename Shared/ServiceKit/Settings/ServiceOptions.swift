public import ArgumentParser
import LaunchModel

/// The flags of a service's executable.
public struct ServiceOptions: ParsableArguments {
  @Option(help: "Folder of the sockets (GONOGO_RUN).")
  var run: String?
  @Option(help: "Folder of the data (GONOGO_DATA).")
  var data: String?
  @Option(
    help: ArgumentHelp(
      "Folder of gonogo.yaml and of the roster, policy and calendars that a new installation adopts "
        + "(GONOGO_CONFIG)."))
  var config: String?
  @Option(help: "Database of the store (GONOGO_DATABASE_URL). Default: SQLite in the data folder.")
  var databaseURL: String?
  @Option(help: "Log level: trace, debug, info, notice, warning, error or critical (GONOGO_LOG_LEVEL).")
  var logLevel: String?
  @Option(
    help: ArgumentHelp(
      "Simulated clock START@RATE#ANCHOR: START is the time shown when the wall clock reads ANCHOR; it then "
        + "runs RATE times as fast (GONOGO_CLOCK). Default: the system clock."))
  var clock: String?
  @Option(help: "Maximum size of an event on the bus, in bytes (GONOGO_EVENT_BYTES).")
  var eventBytes: String?
  @Option(help: "Maximum number of connections at a time (GONOGO_CONNECTION_LIMIT). Default: 512.")
  var connectionLimit: String?
  @Option(
    help: ArgumentHelp(
      "Maximum number of connections at a time from one user or address (GONOGO_CONNECTION_PEER). Default: half of "
        + "the limit."))
  var connectionPeer: String?
  @Option(help: "Maximum bytes of replies queued for peers that do not read them (GONOGO_REPLY_BYTES).")
  var replyBytes: String?
  @Option(help: "Endpoints to listen on instead of the service's own (GONOGO_LISTEN).")
  var listen: String?
  @Option(help: "Folder of the CURVE keys, required for tcp:// endpoints (GONOGO_KEYS).")
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

  /// The flags that were given, by setting.
  var values: [SettingKey: String] {
    let given: [SettingKey: String?] = [
      .run: run, .data: data, .config: config, .databaseURL: databaseURL, .logLevel: logLevel, .clock: clock,
      .eventBytes: eventBytes, .connectionLimit: connectionLimit, .connectionPeer: connectionPeer,
      .replyBytes: replyBytes, .listen: listen, .keys: keys,
      .endpoint(.bus): endpointBus, .endpoint(.tiering): endpointTiering, .endpoint(.checklist): endpointChecklist,
      .endpoint(.metrics): endpointMetrics, .endpoint(.review): endpointReview,
    ]
    return given.compactMapValues { $0 }
  }
}
