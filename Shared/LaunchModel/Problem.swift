public import JSON

/// The error of a failed call: an RFC 9457 problem with a stable code (contract.md, section 2).
public struct Problem: Error, Sendable, Hashable {
  /// The kinds of failure, each with its JSON-RPC error code.
  public enum Kind: Int, Sendable, Hashable, CaseIterable {
    /// The envelope is not valid JSON.
    case parseError = -32700
    /// The envelope is not a JSON-RPC request.
    case invalidRequest = -32600
    /// The service has no such method.
    case methodNotFound = -32601
    /// The parameters do not fit the method.
    case invalidParams = -32602
    /// The service failed because of a defect.
    case internalError = -32603
    /// Something that the call names does not exist.
    case notFound = -32001
    /// The call is not possible in the current state.
    case conflict = -32002
    /// A document or parameter has errors.
    case invalid = -32003
    /// The caller lacks the right.
    case forbidden = -32004
    /// The service, or something that the answer depends on, is unreachable.
    case unavailable = -32005
    /// A limit is exceeded.
    case tooLarge = -32006
    /// The service is overloaded.
    case busy = -32007
    /// The caller's time ran out.
    case expired = -32008
  }

  /// The kind of failure; determines the JSON-RPC error code and the HTTP status.
  public var kind: Kind
  /// A stable identifier for programs, for example `launch-not-found`, `id-reused`, `lagging`.
  public var code: String
  /// A short summary, the same for every occurrence of the code.
  public var title: String
  /// What is wrong in this case and how to fix it.
  public var detail: String
  /// Whether the same call may succeed later without being changed.
  public var retryable: Bool
  /// How many milliseconds to wait before retrying; nil if unknown.
  public var retryAfterMs: Int?
  /// The individual errors in the input; empty unless the input was invalid.
  public var errors: [FieldError]
  /// Additional members, for example `current` for a conflict.
  public var extra: [String: JSONValue]

  public init(
    _ kind: Kind, code: String, title: String, detail: String = "", retryable: Bool = false, retryAfterMs: Int? = nil,
    errors: [FieldError] = [], extra: [String: JSONValue] = [:]
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

/// One error in an input document.
public struct FieldError: Sendable, Hashable, Codable {
  /// The JSON Pointer of the field, for example `/facts/kinds/0`; empty for the whole document.
  public var pointer: String
  /// The line in the source file, starting at 1; nil if unknown.
  public var line: Int?
  /// What is wrong and what is allowed.
  public var detail: String

  public init(pointer: String, line: Int? = nil, detail: String) {
    self.pointer = pointer
    self.line = line
    self.detail = detail
  }
}

extension Problem.Kind {
  /// The HTTP status for this kind of failure, used as `status` in RFC 9457.
  public var status: Int {
    switch self {
    case .parseError, .invalidRequest, .invalidParams: 400
    case .forbidden: 403
    case .methodNotFound, .notFound: 404
    case .conflict: 409
    case .tooLarge: 413
    case .invalid: 422
    case .busy: 429
    case .internalError: 500
    case .unavailable: 503
    case .expired: 504
    }
  }
}

extension Problem {
  /// The URI of the code, used as `type` in RFC 9457, for example `urn:gonogo:problem:launch-not-found`.
  public var type: String { "urn:gonogo:problem:\(code)" }

  /// The HTTP status for this kind of failure, used as `status` in RFC 9457.
  public var status: Int { kind.status }

  /// The `data` of the JSON-RPC error: the RFC 9457 members, `code`, `retryable` and `extra`. It quotes at most 100
  /// bytes of a refused text.
  public var data: JSONValue {
    var members = extra
    members["type"] = .string(type)
    members["title"] = .string(title)
    members["status"] = .integer(Int64(status))
    members["detail"] = .string(Excerpt.shortening(detail))
    members["code"] = .string(code)
    members["retryable"] = .bool(retryable)
    if let retryAfterMs { members["retryAfterMs"] = .integer(Int64(retryAfterMs)) }
    if !errors.isEmpty { members["errors"] = .array(errors.map(\.value)) }
    return .object(members)
  }

  /// The JSON-RPC error object: `code`, `message`, `data`.
  public var error: JSONValue {
    .object(["code": .integer(Int64(kind.rawValue)), "message": .string(title), "data": data])
  }

  /// Decodes a JSON-RPC error object leniently: every member is optional, and an unknown code counts as an internal
  /// error.
  public init(error: JSONValue) {
    let kind = error["code"]?.integerValue.flatMap { Kind(rawValue: Int($0)) } ?? .internalError
    self.init(kind, data: error["data"], title: error["message"]?.stringValue)
  }

  /// Decodes the `data` of a JSON-RPC error leniently: every member is optional, and the kind follows from `status`,
  /// where an unknown status counts as an internal error.
  public init(data: JSONValue) {
    // If kinds share a status, the last one is about a method's own parameters, the others are about the protocol.
    let kind = Kind.allCases.last { Int64($0.status) == data["status"]?.integerValue } ?? .internalError
    self.init(kind, data: data, title: nil)
  }

  private init(_ kind: Kind, data: JSONValue?, title: String?) {
    self.init(
      kind, code: data?["code"]?.stringValue ?? "unknown",
      title: data?["title"]?.stringValue ?? title ?? "error",
      detail: data?["detail"]?.stringValue ?? "", retryable: data?["retryable"]?.boolValue ?? false,
      retryAfterMs: data?["retryAfterMs"]?.integerValue.map { Int(clamping: $0) },
      errors: (data?["errors"]?.arrayValue ?? []).compactMap(FieldError.init(value:)),
      extra: (data?.objectValue ?? [:]).filter { !Self.ownMembers.contains($0.key) })
  }

  private static let ownMembers: Set<String> = [
    "type", "title", "status", "detail", "code", "retryable", "retryAfterMs", "errors",
  ]
}

/// Encoded as the JSON-RPC error object that carries it.
extension Problem: Codable {
  public init(from decoder: any Decoder) throws { self.init(error: try JSONValue(from: decoder)) }

  public func encode(to encoder: any Encoder) throws { try error.encode(to: encoder) }
}

/// A problem without its JSON-RPC error code, written as the `data` of a JSON-RPC error.
public struct ProblemData: Codable, Sendable, Hashable {
  /// The problem; decoding derives its kind from the HTTP status.
  public var problem: Problem

  public init(_ problem: Problem) { self.problem = problem }

  public init(from decoder: any Decoder) throws { problem = Problem(data: try JSONValue(from: decoder)) }

  public func encode(to encoder: any Encoder) throws { try problem.data.encode(to: encoder) }
}

extension FieldError {
  var value: JSONValue {
    var members: [String: JSONValue] = [
      "pointer": .string(Excerpt.of(pointer, limit: Excerpt.describedBytes)),
      "detail": .string(Excerpt.shortening(detail)),
    ]
    if let line { members["line"] = .integer(Int64(line)) }
    return .object(members)
  }

  init?(value: JSONValue) {
    guard let pointer = value["pointer"]?.stringValue, let detail = value["detail"]?.stringValue else { return nil }
    self.init(pointer: pointer, line: value["line"]?.integerValue.map { Int(clamping: $0) }, detail: detail)
  }
}

extension Problem {
  /// Creates the problem that something does not exist, for example `launch-not-found`.
  public static func notFound(
    _ code: String, title: String = "not found", _ detail: String, extra: [String: JSONValue] = [:]
  ) -> Problem {
    Problem(.notFound, code: code, title: title, detail: detail, extra: extra)
  }

  /// Creates the problem that the call conflicts with the current state, for example `version-changed`.
  public static func conflict(
    _ code: String, title: String = "conflict", _ detail: String, extra: [String: JSONValue] = [:]
  ) -> Problem {
    Problem(.conflict, code: code, title: title, detail: detail, extra: extra)
  }

  /// Creates the problem that a document or parameter is invalid; `errors` lists every error.
  public static func invalid(
    _ code: String = "invalid-input", title: String = "invalid input", errors: [FieldError]
  ) -> Problem {
    let first = errors.first.map { $0.pointer.isEmpty ? $0.detail : "\($0.pointer): \($0.detail)" } ?? ""
    let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
    return Problem(.invalid, code: code, title: title, detail: first + more, errors: errors)
  }

  /// Creates the problem that a document or parameter is invalid because of a single error.
  public static func invalid(
    _ code: String, title: String = "invalid input", pointer: String, _ detail: String
  ) -> Problem {
    invalid(code, title: title, errors: [FieldError(pointer: pointer, detail: detail)])
  }

  /// Creates the problem that the actor lacks a required right.
  public static func forbidden(
    code: String = "forbidden", title: String = "not allowed", _ detail: String, extra: [String: JSONValue] = [:]
  ) -> Problem {
    Problem(.forbidden, code: code, title: title, detail: detail, extra: extra)
  }

  /// Creates the problem that a dependency is unreachable at the moment; always retryable.
  public static func unavailable(
    _ code: String, title: String = "unavailable", _ detail: String, retryAfterMs: Int? = nil
  ) -> Problem {
    Problem(.unavailable, code: code, title: title, detail: detail, retryable: true, retryAfterMs: retryAfterMs)
  }

  /// Creates the problem that the service is overloaded; always retryable.
  public static func busy(_ detail: String, retryAfterMs: Int) -> Problem {
    Problem(.busy, code: "busy", title: "busy", detail: detail, retryable: true, retryAfterMs: retryAfterMs)
  }

  /// Creates the problem that the call's deadline has passed; always retryable.
  public static func expired(code: String = "timed-out", title: String = "timed out", _ detail: String) -> Problem {
    Problem(.expired, code: code, title: title, detail: detail, retryable: true)
  }

  /// Creates the problem that a limit is exceeded.
  public static func tooLarge(code: String = "too-large", title: String = "too large", _ detail: String) -> Problem {
    Problem(.tooLarge, code: code, title: title, detail: detail)
  }

  /// Creates the problem that the service itself has a defect.
  public static func internalError(_ detail: String) -> Problem {
    Problem(.internalError, code: "internal", title: "the service failed", detail: detail)
  }

  /// Creates the problem that a parameter or text could not be read as JSON.
  public init(_ error: JSONError, code: String = "invalid-json", title: String = "the JSON cannot be read") {
    let place = error.reason == .typeMismatch ? "" : " (byte \(error.offset))"
    self = .invalid(code, title: title, pointer: error.pointer, error.detail + place)
  }
}

extension String {
  /// The text, shortened to at most 100 characters for quoting, so that no message repeats a whole input.
  public var excerpt: String { count > 100 ? "\(prefix(99))…" : self }
}

extension Problem: CustomStringConvertible {
  /// Title and detail, as printed by commands.
  public var description: String { detail.isEmpty ? title : "\(title): \(detail)" }
}

extension Problem {
  /// The code for a sealed plan whose stored definition no longer matches its seal, which means tampering and not a
  /// temporary failure.
  public static let changedAfterSealing = "changed-after-sealing"

  /// The code for a store that contradicts its audit chain.
  public static let contradictsChain = "contradicts-chain"

  /// Whether it reports that a store was changed without gonogo.
  public var isTampering: Bool { code == Self.changedAfterSealing || code == Self.contradictsChain }
}
