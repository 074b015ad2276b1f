public import JSON

extension Problem {
  /// The HTTP status that RFC 9457's `status` gives for the class.
  public var status: Int {
    switch kind {
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

  /// The `data` of a JSON-RPC error: the RFC 9457 problem with `code`, `retryable` and what there is beside.
  public var data: JSONValue {
    var members = extra
    members["type"] = .string("urn:gonogo:problem:\(code)")
    members["title"] = .string(title)
    members["status"] = .integer(Int64(status))
    members["detail"] = .string(detail)
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

  /// Reads a JSON-RPC error object; a code that is not one of ours counts as an internal error, and nothing is required.
  public init(error: JSONValue) {
    let kind = error["code"]?.integerValue.flatMap { Kind(rawValue: Int($0)) } ?? .internalError
    let data = error["data"]
    self.init(
      kind, code: data?["code"]?.stringValue ?? "unknown",
      title: data?["title"]?.stringValue ?? error["message"]?.stringValue ?? "error",
      detail: data?["detail"]?.stringValue ?? "", retryable: data?["retryable"]?.boolValue ?? false,
      retryAfterMs: data?["retryAfterMs"]?.integerValue.map { Int(clamping: $0) },
      errors: (data?["errors"]?.arrayValue ?? []).compactMap(FieldFault.init(value:)),
      extra: (data?.objectValue ?? [:]).filter { !Self.ownMembers.contains($0.key) })
  }

  private static let ownMembers: Set<String> = [
    "type", "title", "status", "detail", "code", "retryable", "retryAfterMs", "errors",
  ]
}

/// A problem is written as the JSON-RPC error object that carries it.
extension Problem: Codable {
  public init(from decoder: any Decoder) throws { self.init(error: try JSONValue(from: decoder)) }

  public func encode(to encoder: any Encoder) throws { try error.encode(to: encoder) }
}

extension FieldFault {
  var value: JSONValue {
    var members: [String: JSONValue] = ["pointer": .string(pointer), "detail": .string(detail)]
    if let line { members["line"] = .integer(Int64(line)) }
    return .object(members)
  }

  init?(value: JSONValue) {
    guard let pointer = value["pointer"]?.stringValue, let detail = value["detail"]?.stringValue else { return nil }
    self.init(pointer: pointer, line: value["line"]?.integerValue.map { Int(clamping: $0) }, detail: detail)
  }
}
