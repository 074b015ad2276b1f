import JSON
public import Contract
public import LaunchModel

/// A JSON-RPC 2.0 request, read strictly.
struct RequestEnvelope: Equatable {
  /// The `id` as it was written; nil for a notification.
  var id: [UInt8]?
  var method: String
  /// The parameters without `_meta`; `{}` where there are none.
  var params: [UInt8]
  var meta: CallMeta

  /// Why bytes are no request, and what can be said of their `id`.
  struct Fault: Error, Equatable {
    var problem: Problem
    /// The `id` to answer with, as it was written; `null` where there is none that is valid.
    var id: [UInt8]
  }

  static let null = Array("null".utf8)
}

extension RequestEnvelope {
  /// Reads a request.
  init(parsing bytes: [UInt8]) throws(Fault) {
    let outcome = bytes.withUnsafeBufferPointer { buffer in
      Result { () throws(Fault) in
        do throws(JSONError) {
          return try RequestMembers(scanning: buffer)
        } catch {
          throw Fault(problem: .parseError(error), id: Self.null)
        }
      }
    }
    try self.init(try outcome.get(), of: bytes)
  }

  private init(_ members: RequestMembers, of bytes: [UInt8]) throws(Fault) {
    let answerID = members.id.map { Array(bytes[$0]) }
    func invalid(_ detail: String) -> Fault {
      Fault(
        problem: Problem(.invalidRequest, code: "invalid-request", title: "not a JSON-RPC 2.0 request", detail: detail),
        id: answerID ?? Self.null)
    }
    if let fault = members.fault { throw invalid(fault) }
    guard members.isVersion2 else { throw invalid("\"jsonrpc\" must be \"2.0\"") }
    guard let method = members.method, !method.isEmpty else { throw invalid("\"method\" must be a string") }
    if members.hasPositionalParams {
      throw Fault(
        problem: .invalidParams("parameters go by name: \"params\" must be an object"), id: answerID ?? Self.null)
    }
    do throws(Problem) {
      meta = try members.meta.map { range throws(Problem) in try CallMeta(checking: Array(bytes[range])) } ?? CallMeta()
    } catch {
      throw Fault(problem: error, id: answerID ?? Self.null)
    }
    self.id = answerID
    self.method = method
    params = members.params(in: bytes)
  }
}

extension Problem {
  static func parseError(_ error: JSONError) -> Problem {
    Problem(
      .parseError, code: error.reason.rawValue, title: "the envelope is no acceptable JSON",
      detail: "\(error.detail) (byte \(error.offset))")
  }

  static func invalidParams(_ detail: String, pointer: String = "") -> Problem {
    Problem(
      .invalidParams, code: "invalid-params", title: "the parameters do not fit the method", detail: detail,
      errors: pointer.isEmpty ? [] : [FieldError(pointer: pointer, detail: detail)])
  }
}

extension CallMeta {
  /// Reads `_meta`. Members that are not known are passed over: they are for others on the way.
  init(checking bytes: [UInt8]) throws(Problem) {
    do {
      self = try JSONCoding.decode(CallMeta.self, from: bytes)
    } catch let error as JSONError {
      throw .invalidParams(error.detail, pointer: "/_meta\(error.pointer)")
    } catch {
      throw .invalidParams("\(error)", pointer: "/_meta")
    }
    if let ttlMs, !(1...3_600_000).contains(ttlMs) {
      throw .invalidParams("ttlMs must be from 1 to 3,600,000", pointer: "/_meta/ttlMs")
    }
    if let after, after < 0 { throw .invalidParams("after must not be negative", pointer: "/_meta/after") }
    if let idempotencyKey, !(1...256).contains(idempotencyKey.utf8.count) {
      throw .invalidParams("an idempotency key has 1 to 256 bytes", pointer: "/_meta/idempotencyKey")
    }
  }
}

/// Where the members of a request stand in its bytes, found in one pass that checks all of them as JSON.
struct RequestMembers {
  var id: Range<Int>?
  var isVersion2 = false
  var method: String?
  var params: Range<Int>?
  var meta: Range<Int>?
  /// The bytes to leave out so that `params` has no `_meta`.
  private var metaCut: Range<Int>?
  var hasPositionalParams = false
  /// Why this is no request, where JSON-RPC rather than JSON is broken.
  var fault: String?

  init(scanning bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    guard case .beginObject = try scanner.next() else {
      var whole = JSONScanner(bytes)
      try whole.skipValue()
      try whole.expectEnd()
      fault = "a request is one object; batches are not taken, and events go as parts of one message"
      return
    }
    while case .key(let key) = try scanner.next() { try member(key, &scanner, bytes) }
    try scanner.expectEnd()
  }

  private mutating func member(
    _ key: JSONScanner.StringToken, _ scanner: inout JSONScanner, _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) {
    if scanner.matches(key, "id") {
      let range = try scanner.skipValue()
      switch bytes[range.lowerBound] {
      case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "t"), UInt8(ascii: "f"):
        fault = "\"id\" must be a string, a number or null"
      default: id = range
      }
    } else if scanner.matches(key, "jsonrpc") {
      isVersion2 = try Self.string(&scanner) == "2.0"
    } else if scanner.matches(key, "method") {
      method = try Self.string(&scanner)
    } else if scanner.matches(key, "params") {
      try parameters(&scanner)
    } else {
      try scanner.skipValue()
    }
  }

  /// The next value where it is a string; else it is passed over.
  private static func string(_ scanner: inout JSONScanner) throws(JSONError) -> String? {
    let depth = scanner.depth
    let token = try scanner.next()
    if case .string(let string) = token { return scanner.text(string) }
    while scanner.depth > depth { _ = try scanner.next() }
    return nil
  }

  private mutating func parameters(_ scanner: inout JSONScanner) throws(JSONError) {
    let depth = scanner.depth
    switch try scanner.next() {
    case .beginObject: try namedParameters(&scanner)
    case .beginArray:
      hasPositionalParams = true
      while scanner.depth > depth { _ = try scanner.next() }
    default: fault = "\"params\" must be an object"
    }
  }

  private mutating func namedParameters(_ scanner: inout JSONScanner) throws(JSONError) {
    let start = scanner.offset - 1
    var previousEnd: Int?
    var openCut: Int?
    while case .key(let key) = try scanner.next() {
      let keyStart = key.range.lowerBound - 1
      if let cut = openCut {
        metaCut = cut..<keyStart
        openCut = nil
      }
      let isMeta = scanner.matches(key, "_meta")
      let value = try scanner.skipValue()
      if isMeta {
        meta = value
        metaCut = (previousEnd ?? keyStart)..<value.upperBound
        if previousEnd == nil { openCut = keyStart }
      }
      previousEnd = value.upperBound
    }
    params = start..<scanner.offset
  }

  /// The parameters without `_meta`.
  func params(in bytes: [UInt8]) -> [UInt8] {
    guard let params else { return [UInt8(ascii: "{"), UInt8(ascii: "}")] }
    guard let metaCut else { return Array(bytes[params]) }
    return Array(bytes[params.lowerBound..<metaCut.lowerBound]) + bytes[metaCut.upperBound..<params.upperBound]
  }
}

/// A call as a handler gets it: every fault of the protocol has been answered before.
public struct IncomingCall: Sendable {
  /// The JSON-RPC method, as `launch.propose`.
  public var method: String
  /// The parameters, one JSON object without `_meta`, strictly checked.
  public var params: [UInt8]
  /// What the call carried as `_meta`; empty where it carried none.
  public var meta: CallMeta
  /// The frames after the envelope.
  public var parts: [[UInt8]]
  /// Who calls, as the transport says.
  public var principal: Principal
  /// When the caller stops waiting.
  public var deadline: ContinuousClock.Instant
  /// Whether the caller waits for an answer at all; a JSON-RPC notification has none.
  public var expectsReply: Bool

  public init(
    method: String, params: [UInt8] = Array("{}".utf8), meta: CallMeta = CallMeta(), parts: [[UInt8]] = [],
    principal: Principal, deadline: ContinuousClock.Instant, expectsReply: Bool = true
  ) {
    self.method = method
    self.params = params
    self.meta = meta
    self.parts = parts
    self.principal = principal
    self.deadline = deadline
    self.expectsReply = expectsReply
  }
}
