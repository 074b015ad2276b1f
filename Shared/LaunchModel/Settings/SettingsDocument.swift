public import JSON

/// What a `gonogo.yaml` may say. It is checked as strictly as any other file: a misspelt key would else leave a default in
/// force that nobody meant.
public enum SettingsDocument {
  private static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

  /// Checks a document; an empty one is fine.
  ///
  /// - Throws: `invalid` with every fault.
  public static func check(_ document: JSONValue) throws(Problem) {
    guard document != .null else { return }
    let faults = DocumentErrors()
    let texts = ["run", "data", "clock", "listen", "keys"]
    if let reader = FieldReader(document, knowing: texts + ["database", "endpoint", "log", "event"], faults) {
      for key in texts { _ = reader.string(key) }
      _ = reader.object("database", knowing: ["url"])?.string("url")
      if let endpoints = reader.object("endpoint", knowing: ServiceName.allCases.map(\.rawValue)) {
        for service in ServiceName.allCases { _ = endpoints.string(service.rawValue) }
      }
      _ = reader.object("event", knowing: ["bytes"])?.integer("bytes", in: 1_024...1_048_576)
      if let log = reader.object("log", knowing: ["level"]), let level = log.string("level"),
        !levels.contains(level.lowercased())
      {
        log.fault("level", "\"\(level)\" is no level; it can be \(levels.joined(separator: ", "))")
      }
    }
    try faults.check("invalid-settings", title: "the settings have faults")
  }
}

/// Where things are when no setting says so (contract.md, section 1); the same for services and gateway.
public enum SettingDefaults {
  /// The folder of the sockets: `$XDG_RUNTIME_DIR/gonogo`, else `/run/gonogo` for root, else below the temporary folder.
  public static func runFolder(_ environment: [String: String], uid: UInt32) -> String {
    if let folder = given("XDG_RUNTIME_DIR", environment) { return "\(folder)/gonogo" }
    if uid == 0 { return "/run/gonogo" }
    return "\(given("TMPDIR", environment) ?? "/tmp")/gonogo-\(uid)"
  }

  /// The folder of the data: `$XDG_STATE_HOME/gonogo`, else `~/.local/state/gonogo`; nil where neither is known.
  public static func dataFolder(_ environment: [String: String]) -> String? {
    if let folder = given("XDG_STATE_HOME", environment) { return "\(folder)/gonogo" }
    return given("HOME", environment).map { "\($0)/.local/state/gonogo" }
  }

  /// A variable that is set, not empty, without a slash at its end.
  private static func given(_ name: String, _ environment: [String: String]) -> String? {
    guard let value = environment[name], !value.isEmpty else { return nil }
    return value.count > 1 && value.hasSuffix("/") ? String(value.dropLast()) : value
  }
}
