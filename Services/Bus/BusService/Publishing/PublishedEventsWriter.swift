import JSON
import LaunchModel

/// Writes the result of `events.publish`; by hand, for every publisher waits for it.
enum PublishedEventsWriter {
  /// - Parameter results: one for each part; nil, which would be a defect, is answered as a rejection.
  static func json(_ results: [PublishResult?]) -> [UInt8] {
    var bytes = Array("{\"results\":[".utf8)
    bytes.reserveCapacity(32 + results.count * 44)
    for (index, result) in results.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(result ?? lost, to: &bytes)
    }
    bytes.append(contentsOf: "]}".utf8)
    return bytes
  }

  private static func append(_ result: PublishResult, to bytes: inout [UInt8]) {
    switch (result.status, result.offset) {
    case (.stored, .some(let offset)):
      bytes.append(contentsOf: "{\"status\":\"stored\",\"offset\":".utf8)
      bytes.append(decimal: offset)
    case (.duplicate, .some(let offset)):
      bytes.append(contentsOf: "{\"status\":\"duplicate\",\"offset\":".utf8)
      bytes.append(decimal: offset)
    default:
      let error = result.error ?? EventRejection(code: "internal", detail: "")
      bytes.append(contentsOf: "{\"status\":\"rejected\",\"error\":".utf8)
      bytes.append(contentsOf: JSONValue(error).serialized())
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private static let lost = PublishResult(
    .rejected, error: EventRejection(code: "internal", detail: "the bus lost count of this event; send it again"))
}

extension JSONValue {
  fileprivate init(_ rejection: EventRejection) {
    var members: [String: JSONValue] = ["code": .string(rejection.code), "detail": .string(rejection.detail)]
    if let pointer = rejection.pointer { members["pointer"] = .string(pointer) }
    self = .object(members)
  }
}

extension [UInt8] {
  /// Appends a number that is not negative in decimal digits.
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
