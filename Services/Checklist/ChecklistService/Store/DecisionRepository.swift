import ChecklistCore
import Digests
import JSON
import LaunchModel
import Storage

/// The stored decisions, each with the snapshot that its digest covers.
struct DecisionRepository {
  let db: any Transaction

  /// A launch's decisions, in the order in which they were made.
  func load(_ launch: LaunchID) throws -> [Decision] {
    try db.query("SELECT document FROM decisions WHERE launch = ? ORDER BY decision", [launch])
      .map { try $0.json("document", as: Decision.self) }
  }

  /// Adds a decision with the canonical JSON of its snapshot.
  func add(_ decision: Decision, of launch: LaunchID, snapshot: [UInt8]) throws {
    try db.execute(
      "INSERT INTO decisions (launch, decision, at, document, snapshot) VALUES (?, ?, ?, ?, ?)",
      [
        launch, decision.sequence, decision.at, try SQLValue.json(decision), String(decoding: snapshot, as: UTF8.self),
      ])
  }

  /// Updates a decision that was confirmed or went stale.
  func update(_ decision: Decision, of launch: LaunchID) throws {
    try db.execute(
      "UPDATE decisions SET document = ? WHERE launch = ? AND decision = ?",
      [try SQLValue.json(decision), launch, decision.sequence])
  }
}

/// The stored steps of exposure.
struct ExposureRepository {
  let db: any Transaction

  /// A launch's steps, in the order of recording.
  func load(_ launch: LaunchID) throws -> [ExposureStep] {
    try db.query("SELECT document FROM exposure_steps WHERE launch = ? ORDER BY step", [launch])
      .map { try $0.json("document", as: ExposureStep.self) }
  }

  func add(_ step: ExposureStep, of launch: LaunchID) throws {
    try db.execute(
      "INSERT INTO exposure_steps (launch, step, document) VALUES (?, ?, ?)",
      [launch, step.sequence, try SQLValue.json(step)])
  }
}

/// SHA-256 over canonical JSON (RFC 8785).
struct CanonicalDigest {
  /// The canonical JSON.
  let bytes: [UInt8]
  /// The digest of `bytes` in lower-case hex.
  let hex: String

  init(of value: some Encodable) throws {
    bytes = try JSONCoding.value(value).canonical()
    hex = SHA256Digest.hex(of: bytes)
  }
}
