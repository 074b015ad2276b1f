public import JSON

extension TieringRoutes {
  /// Proposes several launches in one transaction: all of them, or none.
  public static let importLaunches = Route<ImportLaunches, LaunchList>(.tiering, "launch.import", .change)
}

/// Launches to propose together.
public struct ImportLaunches: Codable, Sendable, Hashable {
  /// The content of a launch file each, at most 1,000.
  public var documents: [JSONValue]

  public init(documents: [JSONValue]) { self.documents = documents }

  /// The most launches that are proposed together.
  public static let maximum = 1_000
}
