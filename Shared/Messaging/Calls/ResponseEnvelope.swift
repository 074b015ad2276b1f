import JSON
import LaunchModel

/// A JSON-RPC 2.0 response.
struct ResponseEnvelope {
  /// The number that our own ids are; nil for any other.
  var id: UInt64?
  var outcome: Result<[UInt8], Problem>

  /// Reads a response; nil where the bytes are none.
  init?(parsing bytes: [UInt8]) {
    var id: Range<Int>?
    var result: Range<Int>?
    var error: Range<Int>?
    let isRead = bytes.withUnsafeBufferPointer { buffer in
      do throws(JSONError) {
        var scanner = JSONScanner(buffer)
        guard case .beginObject = try scanner.next() else { return false }
        while case .key(let key) = try scanner.next() {
          let value = try scanner.skipValue()
          if scanner.matches(key, "id") { id = value }
          if scanner.matches(key, "result") { result = value }
          if scanner.matches(key, "error") { error = value }
        }
        try scanner.expectEnd()
        return true
      } catch {
        return false
      }
    }
    guard isRead else { return nil }
    self.id = id.flatMap { Self.number(bytes[$0]) }
    if let error, let value = try? JSONValue(parsing: bytes[error]) {
      outcome = .failure(Problem(error: value))
    } else if let result {
      outcome = .success(Array(bytes[result]))
    } else {
      return nil
    }
  }

  /// The number in `"123"`.
  private static func number(_ quoted: ArraySlice<UInt8>) -> UInt64? {
    guard quoted.count > 2, quoted.first == UInt8(ascii: "\""), quoted.last == UInt8(ascii: "\"") else { return nil }
    var number: UInt64 = 0
    for byte in quoted.dropFirst().dropLast() {
      guard (0x30...0x39).contains(byte), number < UInt64.max / 10 - 1 else { return nil }
      number = number * 10 + UInt64(byte - 0x30)
    }
    return number
  }
}
