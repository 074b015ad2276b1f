import ArgumentParser

/// What results are printed as.
enum OutputFormat: String, Sendable, Hashable, CaseIterable, ExpressibleByArgument {
  /// For people.
  case table
  /// The service's `result`, as it came.
  case json
  /// The same content as YAML.
  case yaml
}
