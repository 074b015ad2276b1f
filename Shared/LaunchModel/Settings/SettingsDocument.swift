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
    let faults = DocumentFaults()
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
