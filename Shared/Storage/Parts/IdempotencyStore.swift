import Contract
import Digests
public import LaunchModel

/// The first answers to changing calls that carried an idempotency key, kept for 24 hours of wall-clock time.
public enum IdempotencyStore {
  /// The tables; give them to `Database.migrate` before a service's own.
  public static let migrations = [
    Migration(
      id: "idempotency/001-answers",
      sql: [
        """
        CREATE TABLE idempotent_answers (
          principal TEXT NOT NULL, method TEXT NOT NULL, idempotency_key TEXT NOT NULL, params_digest TEXT NOT NULL,
          result BYTES NOT NULL, announced_by BIGINT, stored_at BIGINT NOT NULL,
          PRIMARY KEY (principal, method, idempotency_key))
        """,
        "CREATE INDEX idempotent_answers_by_age ON idempotent_answers (stored_at)",
      ])
  ]

  /// How long an answer is kept, in seconds.
  public static let lifetime: Int64 = 86_400

  /// Whose call it is: the same key of another principal or method is another.
  public struct Key: Sendable, Hashable {
    /// Who calls, as the transport proved it.
    public let principal: Principal
    /// The JSON-RPC method, as `launch.propose`.
    public let method: String
    /// The caller's `idempotencyKey`, as it came.
    public let key: String

    public init(principal: Principal, method: String, key: String) {
      self.principal = principal
      self.method = method
      self.key = key
    }
  }

  /// An answer that was given before.
  public struct Answer: Sendable, Hashable {
    /// The JSON of the first answer's `result`, byte for byte.
    public let result: [UInt8]
    /// The outbox position of the last event that the change announced, where it announced any.
    public let announcedBy: Int64?

    public init(result: [UInt8], announcedBy: Int64?) {
      self.result = result
      self.announcedBy = announcedBy
    }
  }

  /// The first answer, or nil where there is none that is young enough.
  ///
  /// - Parameters:
  ///   - params: what the call asked for, byte for byte; other ones under the same key throw a conflict.
  ///   - wallNow: the wall clock's time, not the service clock's.
  public static func answer(
    for key: Key, params: [UInt8], wallNow: Timestamp, _ transaction: any Transaction
  ) throws -> Answer? {
    let row = try transaction.queryOne(
      """
      SELECT params_digest, result, announced_by FROM idempotent_answers
      WHERE principal = ? AND method = ? AND idempotency_key = ? AND stored_at > ?
      """, [key.principal.rawValue, key.method, key.key, wallNow.adding(seconds: -lifetime)])
    guard let row else { return nil }
    guard try row.text("params_digest") == SHA256Digest.hex(of: params) else {
      throw Problem(
        .conflict, code: "idempotency-key-reused", title: "The idempotency key was used for another call",
        detail: "the key \"\(key.key)\" came with other parameters in the last 24 hours; use a new key for a new change"
      )
    }
    return Answer(result: try row.blob("result"), announcedBy: try row.optionalInteger("announced_by"))
  }

  /// Keeps the answer, and forgets those that are too old.
  public static func store(
    _ answer: Answer, for key: Key, params: [UInt8], wallNow: Timestamp, _ transaction: any Transaction
  ) throws {
    try transaction.execute(
      "DELETE FROM idempotent_answers WHERE stored_at <= ?", [wallNow.adding(seconds: -lifetime)])
    try transaction.execute(
      """
      INSERT INTO idempotent_answers
        (principal, method, idempotency_key, params_digest, result, announced_by, stored_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """,
      [
        key.principal.rawValue, key.method, key.key, SHA256Digest.hex(of: params), answer.result, answer.announcedBy,
        wallNow,
      ])
  }
}
