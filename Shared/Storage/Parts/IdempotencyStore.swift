import Contract
import Digests
public import LaunchModel

/// The first answers to modifying calls with an idempotency key, stored for 24 hours of wall-clock time.
public enum IdempotencyStore {
  /// The migrations for its tables; pass them to `Database.migrate` before the service's own.
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

  /// How long an answer is stored, in seconds.
  public static let lifetime: Int64 = 86_400

  /// Identifies a call. The same idempotency key from another principal, or for another method, is a different key.
  public struct Key: Sendable, Hashable {
    /// The caller, authenticated by the transport.
    public let principal: Principal
    /// The JSON-RPC method, such as `launch.propose`.
    public let method: String
    /// The caller's `idempotencyKey`, unmodified.
    public let key: String

    public init(principal: Principal, method: String, key: String) {
      self.principal = principal
      self.method = method
      self.key = key
    }
  }

  /// A stored answer.
  public struct Answer: Sendable, Hashable {
    /// The JSON of the first answer's `result`, byte for byte.
    public let result: [UInt8]
    /// The outbox position of the last event that the change announced; nil if it announced none.
    public let announcedBy: Int64?

    public init(result: [UInt8], announcedBy: Int64?) {
      self.result = result
      self.announcedBy = announcedBy
    }
  }

  /// Returns the first answer, or nil if none was stored within the lifetime.
  ///
  /// - Parameters:
  ///   - params: the call's parameters, byte for byte.
  ///   - wallNow: the wall-clock time, not the service clock's.
  /// - Throws: `Problem` of kind `.conflict` if the key was used with other parameters.
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
        .conflict, code: "idempotency-key-reused", title: "The idempotency key was already used for another call",
        detail:
          "the key \"\(key.key)\" was used with other parameters in the last 24 hours; use a new key for a new change"
      )
    }
    return Answer(result: try row.blob("result"), announcedBy: try row.optionalInteger("announced_by"))
  }

  /// Stores the answer and deletes expired ones.
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
