import JSON
import Contract
import LaunchModel

/// A JSON-RPC 2.0 response.
struct ResponseEnvelope {
  /// The id as a number; nil if it is not in the format of this client's ids.
  var id: UInt64?
  var outcome: Result<[UInt8], Problem>

  /// Parses a response; nil if the bytes are not one.
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
    // The scanner has accepted it, so that parsing fails only if it exceeds a limit; then it is not an answer.
    if let error, let value = try? JSONValue(parsing: bytes[error]) {
      outcome = .failure(Problem(error: value))
    } else if let result {
      outcome = .success(Array(bytes[result]))
    } else {
      return nil
    }
  }

  /// Returns the number in `"123"`.
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

/// Writes JSON-RPC 2.0 envelopes around values that are already encoded as JSON.
enum EnvelopeWriter {
  static func request(id: UInt64, method: String, params: [UInt8], meta: CallMeta) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(params.count + method.utf8.count + 128)
    bytes.append(contentsOf: "{\"jsonrpc\":\"2.0\",\"id\":\"".utf8)
    bytes.append(contentsOf: String(id).utf8)
    bytes.append(contentsOf: "\",\"method\":".utf8)
    bytes.append(contentsOf: JSONValue.string(method).serialized())
    bytes.append(contentsOf: ",\"params\":".utf8)
    append(params, meta, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  static func response(id: [UInt8], outcome: Result<[UInt8], Problem>) -> [UInt8] {
    let member: String
    let value: [UInt8]
    switch outcome {
    case .success(let result): (member, value) = ("result", result)
    case .failure(let problem): (member, value) = ("error", problem.error.serialized())
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(value.count + id.count + 40)
    bytes.append(contentsOf: "{\"jsonrpc\":\"2.0\",\"id\":".utf8)
    bytes.append(contentsOf: id)
    bytes.append(contentsOf: ",\"".utf8)
    bytes.append(contentsOf: member.utf8)
    bytes.append(contentsOf: "\":".utf8)
    bytes.append(contentsOf: value)
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  /// Appends the parameters with `_meta` as their last member.
  private static func append(_ params: [UInt8], _ meta: CallMeta, to bytes: inout [UInt8]) {
    let encodedMeta = meta.serialized()
    guard let encodedMeta, let end = params.lastIndex(of: UInt8(ascii: "}")) else {
      return bytes.append(contentsOf: params)
    }
    let hasMembers = params[..<end].contains(UInt8(ascii: ":"))
    bytes.append(contentsOf: params[..<end])
    bytes.append(contentsOf: hasMembers ? ",\"_meta\":".utf8 : "\"_meta\":".utf8)
    bytes.append(contentsOf: encodedMeta)
    bytes.append(UInt8(ascii: "}"))
  }
}

extension CallMeta {
  /// Returns the metadata as JSON; nil if it is empty.
  func serialized() -> [UInt8]? {
    var members: [String: JSONValue] = [:]
    if let ttlMs { members["ttlMs"] = .integer(Int64(ttlMs)) }
    if let idempotencyKey { members["idempotencyKey"] = .string(idempotencyKey) }
    if let traceparent { members["traceparent"] = .string(traceparent) }
    if let expectedVersion { members["expectedVersion"] = .integer(Int64(expectedVersion)) }
    if let onBehalfOf { members["onBehalfOf"] = .string(onBehalfOf) }
    if let after { members["after"] = .integer(after) }
    return members.isEmpty ? nil : JSONValue.object(members).serialized()
  }
}

/// The answer to a successful call.
public struct CallReply: Sendable, Hashable {
  /// The `result`, one JSON value.
  public var result: [UInt8]
  /// The frames after the envelope.
  public var parts: [[UInt8]]
  /// The number of refused parts of the call, such as events that may not be published.
  public var refusals: Int

  public init(result: [UInt8], parts: [[UInt8]] = [], refusals: Int = 0) {
    self.result = result
    self.parts = parts
    self.refusals = refusals
  }
}
