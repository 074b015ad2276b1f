import JSON
import LaunchModel

/// Writes JSON-RPC 2.0 envelopes around JSON that is there already.
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

  /// The parameters with `_meta` as their last member.
  private static func append(_ params: [UInt8], _ meta: CallMeta, to bytes: inout [UInt8]) {
    let written = meta.written()
    guard let written, let end = params.lastIndex(of: UInt8(ascii: "}")) else {
      return bytes.append(contentsOf: params)
    }
    let hasMembers = params[..<end].contains(UInt8(ascii: ":"))
    bytes.append(contentsOf: params[..<end])
    bytes.append(contentsOf: hasMembers ? ",\"_meta\":".utf8 : "\"_meta\":".utf8)
    bytes.append(contentsOf: written)
    bytes.append(UInt8(ascii: "}"))
  }
}

extension CallMeta {
  /// As JSON; nil where there is nothing to say.
  func written() -> [UInt8]? {
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
