import BusCore
import JSON
import Contract
import LaunchModel

/// Encodes the result of `events.publish`. Written by hand because every publisher waits for it.
struct PublishedEventsWriter {
  private var bytes = Array("{\"results\":[".utf8)
  private var isFirst = true

  /// - Parameter parts: the number of results that will be appended.
  init(parts: Int) { bytes.reserveCapacity(32 + parts * 44) }

  mutating func append(_ outcome: AppendOutcome, warning: EventWarning? = nil) {
    switch outcome {
    case .stored(let offset): append("{\"status\":\"stored\",\"offset\":", offset, warning)
    case .duplicate(let offset): append("{\"status\":\"duplicate\",\"offset\":", offset, warning)
    case .idReused: if let rejection = outcome.rejection { append(rejection) }
    }
  }

  mutating func append(_ rejection: EventRejection) {
    separate()
    bytes.append(contentsOf: "{\"status\":\"rejected\",\"error\":".utf8)
    bytes.append(contentsOf: JSONValue(rejection).serialized())
    bytes.append(UInt8(ascii: "}"))
  }

  /// Returns the complete result.
  consuming func finished() -> [UInt8] {
    bytes.append(contentsOf: "]}".utf8)
    return bytes
  }

  private mutating func append(_ text: StaticString, _ offset: Int64, _ warning: EventWarning?) {
    separate()
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(decimal: offset)
    if let warning {
      let value: JSONValue = ["code": .string(warning.code), "detail": .string(warning.detail)]
      bytes.append(contentsOf: ",\"warning\":".utf8)
      bytes.append(contentsOf: value.serialized())
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }
}

extension JSONValue {
  fileprivate init(_ rejection: EventRejection) {
    var members: [String: JSONValue] = ["code": .string(rejection.code), "detail": .string(rejection.detail)]
    if let pointer = rejection.pointer { members["pointer"] = .string(pointer) }
    self = .object(members)
  }
}

extension [UInt8] {
  /// Appends a non-negative number in decimal digits.
  mutating func append(decimal value: Int64) {
    guard value >= 10 else { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: Swift.max(value, 0))) }
    var rest = value
    let start = count
    while rest > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    }
    self[start...].reverse()
  }
}
