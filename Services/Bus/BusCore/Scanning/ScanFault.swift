import LaunchModel

/// Why the bytes of an event are not acceptable; `EventRejection` is what the producer is told of it.
enum ScanFault: Error {
  /// Not JSON, or JSON beyond the limits: what, and at which byte.
  case json(JSONFault, at: Int)
  /// JSON, but no CloudEvent.
  case event(EventRejection)

  /// The faults of JSON that the scanner tells apart.
  enum JSONFault {
    case empty, unexpectedEnd, unexpectedByte, invalidUTF8, invalidEscape, invalidNumber, numberOutOfRange
    case duplicateKey, tooDeep, trailingBytes, controlCharacter
  }
}

extension ScanFault.JSONFault {
  /// The stable code word; the same words as `JSONError.Reason` uses.
  var code: String {
    switch self {
    case .empty: "empty"
    case .unexpectedEnd: "unexpected-end"
    case .unexpectedByte: "unexpected-byte"
    case .invalidUTF8: "invalid-utf8"
    case .invalidEscape: "invalid-escape"
    case .invalidNumber: "invalid-number"
    case .numberOutOfRange: "number-out-of-range"
    case .duplicateKey: "duplicate-key"
    case .tooDeep: "too-deep"
    case .trailingBytes: "trailing-bytes"
    case .controlCharacter: "control-character"
    }
  }

  fileprivate var sentence: String {
    switch self {
    case .empty: "the event has no bytes"
    case .unexpectedEnd: "the JSON ends too early"
    case .unexpectedByte: "this byte is not allowed here"
    case .invalidUTF8: "the text is not UTF-8"
    case .invalidEscape: "this is no escape of JSON, or an unpaired surrogate"
    case .invalidNumber: "this is no number of JSON"
    case .numberOutOfRange: "the number does not fit a double"
    case .duplicateKey: "the object has this key twice"
    case .tooDeep: "the JSON nests deeper than \(JSONCursor.maximumDepth) levels"
    case .trailingBytes: "there is more after the object; send each event as a part of its own"
    case .controlCharacter: "a control character in a string must be escaped"
    }
  }
}

extension ScanFault {
  /// As the producer is told.
  var rejection: EventRejection {
    switch self {
    case .event(let rejection): rejection
    case .json(let fault, let offset): EventRejection(code: fault.code, detail: "\(fault.sentence) (byte \(offset))")
    }
  }

  static func attribute(_ name: String, _ detail: String, code: String = "invalid-attribute") -> ScanFault {
    .event(EventRejection(code: code, detail: "\(name) \(detail)", pointer: "/\(name)"))
  }
}
