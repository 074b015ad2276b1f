import LaunchModel
import Storage

/// The stored halts of the line. Only the latest can be in effect; all others are lifted.
struct HaltRepository {
  let db: any Transaction

  /// All halts, oldest first.
  func all() throws -> [Halt] {
    try db.query("SELECT document FROM halts ORDER BY halt").map { try $0.json("document", as: Halt.self) }
  }

  /// The latest halt, lifted or not; nil if there was none.
  func latest() throws -> Halt? {
    try db.queryOne("SELECT document FROM halts ORDER BY halt DESC LIMIT 1")?.json("document", as: Halt.self)
  }

  /// Returns the halt in effect now or, if a moment is given, at that moment; nil if there is none.
  ///
  /// The current halt is not judged by its time, because another replica, whose clock is ahead, may have set it.
  func standing(asOf moment: Timestamp? = nil) throws -> Halt? {
    if let moment { return try all().first { $0.stood(at: moment) } }
    return try latest().flatMap { $0.isStanding ? $0 : nil }
  }

  /// Returns the halt that closes a launch's gate now or, if a moment is given, closed it then; nil if there is none.
  func standing(for launch: LaunchID, asOf moment: Timestamp? = nil) throws -> Halt? {
    try standing(asOf: moment).flatMap { halt in
      (moment.map { halt.closed(launch, at: $0) } ?? halt.closes(launch)) ? halt : nil
    }
  }

  /// Stores a new or changed halt.
  func save(_ halt: Halt) throws {
    try db.execute(
      """
      INSERT INTO halts (halt, document) VALUES (?, ?)
      ON CONFLICT (halt) DO UPDATE SET document = excluded.document
      """, [halt.number, try SQLValue.json(halt)])
  }
}
