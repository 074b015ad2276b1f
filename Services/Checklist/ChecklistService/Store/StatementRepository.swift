import Contract
import Digests
import JSON
import LaunchModel
import Storage

/// The signing keys for statements. They are in the store because all replicas share it, and because it is moved and
/// backed up as a whole.
struct SigningKeyRepository {
  let db: any Transaction

  static let table = "signing_keys"
  /// The subject of the audit chain, in place of a launch.
  static let subject = "signing-keys"

  /// Returns the key that signs; nil if none was created yet.
  ///
  /// - Throws: `Problem` if the stored secret does not belong to the public key stored with it.
  func current() throws -> SigningKey? {
    guard
      let row = try db.queryOne(
        "SELECT keyid, secret FROM signing_keys WHERE retired_at IS NULL ORDER BY place DESC LIMIT 1")
    else { return nil }
    let id = try row.text("keyid")
    guard let key = try row.optionalText("secret").flatMap(Base64.decoded).flatMap(SigningKey.init),
      key.verificationKey.id == id
    else {
      throw Problem.internalError(
        "the stored secret does not match the signing key \(id), so nothing can be signed; create another key with "
          + "gonogo keys rotate")
    }
    return key
  }

  /// Returns every public key: the one that signs, then the retired ones, latest first.
  func all() throws -> [SigningKeyList.Key] {
    try db.query(
      "SELECT keyid, public_key, made_at, made_by, retired_at FROM signing_keys ORDER BY place DESC"
    ).map { row in
      SigningKeyList.Key(
        keyid: try row.text("keyid"), publicKey: try row.text("public_key"), madeAt: try row.timestamp("made_at"),
        madeBy: try row.text("made_by"), retiredAt: try row.optionalTimestamp("retired_at"))
    }
  }

  /// Makes a key the one that signs; retires the previous one and deletes its secret.
  func replace(by key: SigningKey, madeBy actor: String, at now: Timestamp) throws {
    try db.execute("UPDATE signing_keys SET retired_at = ?, secret = NULL WHERE retired_at IS NULL", [now])
    let last = try db.queryOne("SELECT MAX(place) AS last FROM signing_keys")
    let verification = key.verificationKey
    try db.execute(
      "INSERT INTO signing_keys (keyid, place, public_key, secret, made_at, made_by) VALUES (?, ?, ?, ?, ?, ?)",
      [
        verification.id, (try last?.optionalInt("last") ?? 0) + 1, verification.pem, Base64.encoded(key.secret), now,
        actor,
      ])
  }
}

/// A signed statement.
struct StoredStatement {
  /// The type of its predicate.
  var type: String
  /// The number of the decision that it is about.
  var decision: Int
  /// The SHA-256 of its payload, lower-case hex.
  var digest: String
  var envelope: SignedEnvelope
}

/// The signed statements, by launch.
struct StatementRepository {
  let db: any Transaction

  /// Returns the latest statement of a type about a decision; nil if there is none.
  func latest(of launch: LaunchID, type: String, decision: Int) throws -> StoredStatement? {
    try db.queryOne(
      """
      SELECT digest, envelope FROM statements WHERE launch = ? AND type = ? AND decision = ?
      ORDER BY statement DESC LIMIT 1
      """, [launch, type, decision]
    ).map { row in
      StoredStatement(
        type: type, decision: decision, digest: try row.text("digest"),
        envelope: try row.json("envelope", as: SignedEnvelope.self))
    }
  }

  func add(_ statement: StoredStatement, of launch: LaunchID) throws {
    let last = try db.queryOne("SELECT MAX(statement) AS last FROM statements WHERE launch = ?", [launch])
    try db.execute(
      "INSERT INTO statements (launch, statement, type, decision, digest, envelope) VALUES (?, ?, ?, ?, ?, ?)",
      [
        launch, (try last?.optionalInt("last") ?? 0) + 1, statement.type, statement.decision, statement.digest,
        try SQLValue.json(statement.envelope),
      ])
  }
}
