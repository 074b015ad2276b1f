/// One table of a store that was moved to another engine, as the process that moved it reports it, a line of JSON each.
public struct MovedTable: Sendable, Hashable, Codable {
  /// Its name.
  public var table: String
  /// How many rows it has.
  public var rows: Int
  /// SHA-256 over all rows in the order of the primary key, in lower-case hex; the same on both sides.
  public var digest: String
  /// Whether the rows were there before; false where they were copied.
  public var wasThere: Bool

  public init(table: String, rows: Int, digest: String, wasThere: Bool = false) {
    self.table = table
    self.rows = rows
    self.digest = digest
    self.wasThere = wasThere
  }
}

/// How `gonogo migrate` and the processes that it runs speak with each other.
public enum MoveSetting {
  /// The variable that names the database to move to; in the environment, because arguments are seen by everybody.
  public static let target = "GONOGO_MIGRATE_TO"
}
