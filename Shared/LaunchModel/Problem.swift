public import JSON

/// What a call is answered with when it fails: an RFC 9457 problem with a stable code word (contract.md, section 2).
public struct Problem: Error, Sendable, Hashable {
  /// The classes of failure, each with its JSON-RPC error code.
  public enum Kind: Int, Sendable, Hashable, CaseIterable {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case internalError = -32603
    case notFound = -32001
    case conflict = -32002
    case invalid = -32003
    case forbidden = -32004
    case unavailable = -32005
    case tooLarge = -32006
    case busy = -32007
    case expired = -32008
  }

  /// The class of failure, which gives the JSON-RPC code and the HTTP status.
  public var kind: Kind
  /// A stable word for programs, as `launch-not-found`, `id-reused`, `lagging`.
  public var code: String
  /// A short sentence, the same for every occurrence of the code.
  public var title: String
  /// What is wrong here, and the mend.
  public var detail: String
  /// Whether the same call may succeed later without a change.
  public var retryable: Bool
  /// How long to wait before the same call is worth a try, in milliseconds; nil where nobody can say.
  public var retryAfterMs: Int?
  /// Each fault of bad input.
  public var errors: [FieldFault]
  /// Further members, as `current` of a conflict.
  public var extra: [String: JSONValue]

  public init(
    _ kind: Kind, code: String, title: String, detail: String = "", retryable: Bool = false, retryAfterMs: Int? = nil,
    errors: [FieldFault] = [], extra: [String: JSONValue] = [:]
  ) {
    self.kind = kind
    self.code = code
    self.title = title
    self.detail = detail
    self.retryable = retryable
    self.retryAfterMs = retryAfterMs
    self.errors = errors
    self.extra = extra
  }
}

/// One fault of an input document.
public struct FieldFault: Sendable, Hashable, Codable {
  /// The JSON Pointer of the field, as `/facts/kinds/0`; empty for the whole document.
  public var pointer: String
  /// The line in the file it came from, from 1, where that is known.
  public var line: Int?
  /// What is wrong, and what is allowed.
  public var detail: String

  public init(pointer: String, line: Int? = nil, detail: String) {
    self.pointer = pointer
    self.line = line
    self.detail = detail
  }
}
