import Crypto

/// One step of a schema, append-only: once released it is never edited, moved or removed.
///
/// The types are `TEXT`, `BIGINT`, `DOUBLE PRECISION` and `BYTES`; where these differ, the engine puts
/// in its own (`ColumnTypes`).
public struct Migration: Sendable, Hashable {
  /// Unique within the database, as `tiering/001-launches`; what stands before the `/` names the part, whose migrations keep
  /// their order among themselves.
  public let id: String
  /// The statements in order; all of them run in one transaction.
  public let sql: [String]

  public init(id: String, sql: [String]) {
    self.id = id
    self.sql = sql
  }

  /// SHA-256 over the statements, in lower-case hex.
  public var checksum: String { Digest.hex(sql.joined(separator: ";\n").utf8) }

  /// The part that it belongs to; empty where the id names none.
  var part: Substring {
    id.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).dropLast().first ?? ""
  }

  /// The statements with the engine's own types.
  func statements(_ types: ColumnTypes) -> [String] {
    sql.map { $0.replacing(#/\bBYTES\b/#, with: types.bytes).replacing(#/\bTEXT\b/#, with: types.text) }
  }
}

/// All that differs between the engines in a schema.
struct ColumnTypes {
  /// For `TEXT`; compared and sorted by its UTF-8 bytes.
  let text: String
  /// For `BYTES`.
  let bytes: String
}

/// SHA-256 in the form everything here writes it.
enum Digest {
  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    hexDigits(SHA256.hash(data: Array(bytes)))
  }

  /// The digest's bytes in lower-case hex.
  static func hexDigits(_ digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
