public import JSON

extension Problem {
  /// There is no such thing, as `launch-not-found`.
  public static func notFound(
    _ code: String, title: String = "no such thing", _ detail: String, extra: [String: JSONValue] = [:]
  ) -> Problem {
    Problem(.notFound, code: code, title: title, detail: detail, extra: extra)
  }

  /// The call does not go with what there is now, as `version-changed`.
  public static func conflict(
    _ code: String, title: String = "conflict", _ detail: String, extra: [String: JSONValue] = [:]
  ) -> Problem {
    Problem(.conflict, code: code, title: title, detail: detail, extra: extra)
  }

  /// A document or parameter has faults, each of which is told.
  public static func invalid(
    _ code: String = "invalid-input", title: String = "the input has faults", errors: [FieldFault]
  ) -> Problem {
    let first = errors.first.map { $0.pointer.isEmpty ? $0.detail : "\($0.pointer): \($0.detail)" } ?? ""
    let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
    return Problem(.invalid, code: code, title: title, detail: first + more, errors: errors)
  }

  /// One thing about the input is wrong.
  public static func invalid(
    _ code: String, title: String = "the input has faults", pointer: String, _ detail: String
  ) -> Problem {
    invalid(code, title: title, errors: [FieldFault(pointer: pointer, detail: detail)])
  }

  /// The actor has not the right that it takes.
  public static func forbidden(
    code: String = "forbidden", title: String = "not allowed", _ detail: String, extra: [String: JSONValue] = [:]
  ) -> Problem {
    Problem(.forbidden, code: code, title: title, detail: detail, extra: extra)
  }

  /// Something that the answer rests on cannot be reached now.
  public static func unavailable(
    _ code: String, title: String = "unavailable", _ detail: String, retryAfterMs: Int? = nil
  ) -> Problem {
    Problem(.unavailable, code: code, title: title, detail: detail, retryable: true, retryAfterMs: retryAfterMs)
  }

  /// There is too much to do at present.
  public static func busy(_ detail: String, retryAfterMs: Int) -> Problem {
    Problem(.busy, code: "busy", title: "busy", detail: detail, retryable: true, retryAfterMs: retryAfterMs)
  }

  /// The call's time is over.
  public static func expired(code: String = "timed-out", title: String = "timed out", _ detail: String) -> Problem {
    Problem(.expired, code: code, title: title, detail: detail, retryable: true)
  }

  /// A limit is broken.
  public static func tooLarge(code: String = "too-large", title: String = "too large", _ detail: String) -> Problem {
    Problem(.tooLarge, code: code, title: title, detail: detail)
  }

  /// A defect of the service itself.
  public static func internalError(_ detail: String) -> Problem {
    Problem(.internalError, code: "internal", title: "the service failed", detail: detail)
  }

  /// A parameter or text that could not be read.
  public init(_ error: JSONError, code: String = "invalid-json", title: String = "the JSON cannot be read") {
    let place = error.reason == .typeMismatch ? "" : " (byte \(error.offset))"
    self = .invalid(code, title: title, pointer: error.pointer, error.detail + place)
  }
}

extension Problem: CustomStringConvertible {
  /// Title and detail, as commands print it.
  public var description: String { detail.isEmpty ? title : "\(title): \(detail)" }
}
