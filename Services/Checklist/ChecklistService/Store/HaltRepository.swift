import LaunchModel
import Storage

/// The stored halts of the line; the latest one may stand, and all others are lifted.
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

  /// The halt that stands, or stood at an earlier moment; nil if none does.
  ///
  /// What stands now is not judged by the time: another replica, whose clock is ahead, may have set it.
  func standing(asOf moment: Timestamp? = nil) throws -> Halt? {
    if let moment { return try all().first { $0.stood(at: moment) } }
    return try latest().flatMap { $0.isStanding ? $0 : nil }
  }

  /// The halt that closes a launch's gate, or closed it at an earlier moment; nil if none does.
  func standing(for launch: LaunchID, asOf moment: Timestamp? = nil) throws -> Halt? {
    try standing(asOf: moment).flatMap { halt in
      (moment.map { halt.closed(launch, at: $0) } ?? halt.closes(launch)) ? halt : nil
    }
  }

  /// Stores a halt, new or changed.
  func save(_ halt: Halt) throws {
    try db.execute(
      """
      INSERT INTO halts (halt, document) VALUES (?, ?)
      ON CONFLICT (halt) DO UPDATE SET document = excluded.document
      """, [halt.number, try SQLValue.json(halt)])
  }
}
