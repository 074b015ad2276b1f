public import JSON

/// Validates `gonogo.yaml`. Unknown keys are rejected, because a misspelt one would silently leave a default in force.
public enum SettingsDocument {
  private static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

  /// Validates a document; an empty one is valid.
  ///
  /// - Throws: `invalid` with every error.
  public static func check(_ document: JSONValue) throws(Problem) {
    guard document != .null else { return }
    let faults = DocumentErrors()
    let texts = ["run", "data", "clock", "listen", "keys"]
    if let reader = FieldReader(
      document, knowing: texts + ["database", "endpoint", "log", "event", "connection", "reply"], faults)
    {
      for key in texts { _ = reader.string(key) }
      _ = reader.object("database", knowing: ["url"])?.string("url")
      if let endpoints = reader.object("endpoint", knowing: ServiceName.allCases.map(\.rawValue)) {
        for service in ServiceName.allCases { _ = endpoints.string(service.rawValue) }
      }
      _ = reader.object("event", knowing: ["bytes"])?.integer("bytes", in: 1_024...1_048_576)
      if let connection = reader.object("connection", knowing: ["limit", "peer"]) {
        _ = connection.integer("limit", in: SettingLimits.connections)
        _ = connection.integer("peer", in: SettingLimits.connectionsOfOnePeer)
      }
      _ = reader.object("reply", knowing: ["bytes"])?.integer("bytes", in: SettingLimits.replyBytes)
      if let log = reader.object("log", knowing: ["level"]), let level = log.string("level"),
        !levels.contains(level.lowercased())
      {
        let hint = Suggestion.text(for: level, among: levels)
        let correction = hint.isEmpty ? "; expected one of \(levels.joined(separator: ", "))" : hint
        log.fault("level", "unknown log level \"\(level)\"\(correction)")
      }
    }
    try faults.check("invalid-settings", title: "the settings are invalid")
  }
}

/// The ranges of settings that are numbers.
public enum SettingLimits {
  /// The maximum number of simultaneous connections in total.
  public static let connections = 64...500_000
  /// The maximum number of simultaneous connections from one user or one remote address.
  public static let connectionsOfOnePeer = 1...500_000
  /// The maximum number of bytes of replies that wait for slow readers.
  public static let replyBytes = 8 << 20...16 << 30
}

/// The default locations (contract.md, section 1), shared by the services and the gateway.
public enum SettingDefaults {
  /// The folder for sockets: `$XDG_RUNTIME_DIR/gonogo`, else `/run/gonogo` for root, else `gonogo-UID` in the temporary
  /// folder.
  public static func runFolder(_ environment: [String: String], uid: UInt32) -> String {
    if let folder = value(of: "XDG_RUNTIME_DIR", in: environment) { return "\(folder)/gonogo" }
    if uid == 0 { return "/run/gonogo" }
    return "\(value(of: "TMPDIR", in: environment) ?? "/tmp")/gonogo-\(uid)"
  }

  /// The folder for data: `$XDG_STATE_HOME/gonogo`, else `~/.local/state/gonogo`; nil if neither variable is set.
  public static func dataFolder(_ environment: [String: String]) -> String? {
    if let folder = value(of: "XDG_STATE_HOME", in: environment) { return "\(folder)/gonogo" }
    return value(of: "HOME", in: environment).map { "\($0)/.local/state/gonogo" }
  }

  /// Returns the value of a variable, without a trailing slash; nil if it is not set or empty.
  private static func value(of name: String, in environment: [String: String]) -> String? {
    guard let value = environment[name], !value.isEmpty else { return nil }
    return value.count > 1 && value.hasSuffix("/") ? String(value.dropLast()) : value
  }
}
