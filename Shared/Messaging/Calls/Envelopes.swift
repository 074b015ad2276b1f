import Contract
import JSON
import LaunchModel
import ZeroMQ

/// A JSON-RPC 2.0 request, parsed strictly.
struct RequestEnvelope: Equatable {
  /// The `id` as written; nil for a notification.
  var id: [UInt8]?
  var method: String
  /// The parameters without `_meta`; `{}` if there are none.
  var params: [UInt8]
  var meta: CallMeta

  /// The reason why bytes are not a valid request, and the `id` to answer with.
  struct ParseError: Error, Equatable {
    var problem: Problem
    /// The `id` as written; `null` if there is no valid one.
    var id: [UInt8]
  }

  static let null = Array("null".utf8)
}

extension RequestEnvelope {
  /// Parses a request.
  init(parsing bytes: [UInt8]) throws(ParseError) {
    let outcome = bytes.withUnsafeBufferPointer { buffer in
      Result { () throws(ParseError) in
        do throws(JSONError) {
          return try RequestMembers(scanning: buffer)
        } catch {
          throw ParseError(problem: .parseError(error), id: Self.null)
        }
      }
    }
    try self.init(try outcome.get(), of: bytes)
  }

  private init(_ members: RequestMembers, of bytes: [UInt8]) throws(ParseError) {
    let answerID = members.id.map { Array(bytes[$0]) }
    func invalid(_ detail: String) -> ParseError {
      ParseError(
        problem: Problem(.invalidRequest, code: "invalid-request", title: "not a JSON-RPC 2.0 request", detail: detail),
        id: answerID ?? Self.null)
    }
    if let violation = members.violation { throw invalid(violation) }
    guard members.isVersion2 else { throw invalid("\"jsonrpc\" must be \"2.0\"") }
    guard let method = members.method, !method.isEmpty else { throw invalid("\"method\" must be a string") }
    if members.hasPositionalParams {
      throw ParseError(
        problem: .invalidParams("\"params\" must be an object: parameters are passed by name"),
        id: answerID ?? Self.null)
    }
    do throws(Problem) {
      meta = try members.meta.map { range throws(Problem) in try CallMeta(checking: Array(bytes[range])) } ?? CallMeta()
    } catch {
      throw ParseError(problem: error, id: answerID ?? Self.null)
    }
    self.id = answerID
    self.method = method
    params = members.params(in: bytes)
  }
}

extension Problem {
  static func parseError(_ error: JSONError) -> Problem {
    Problem(
      .parseError, code: error.reason.rawValue, title: "the envelope is not valid JSON",
      detail: "\(error.detail) (byte \(error.offset))")
  }

  static func invalidParams(_ detail: String, pointer: String = "") -> Problem {
    Problem(
      .invalidParams, code: "invalid-params", title: "invalid parameters", detail: detail,
      errors: pointer.isEmpty ? [] : [FieldError(pointer: pointer, detail: detail)])
  }
}

extension CallMeta {
  /// Parses `_meta`. Unknown members are ignored, because they may be meant for other programs.
  init(checking bytes: [UInt8]) throws(Problem) {
    do {
      self = try JSONCoding.decode(CallMeta.self, from: bytes)
    } catch let error as JSONError {
      throw .invalidParams(error.detail, pointer: "/_meta\(error.pointer)")
    } catch {
      throw .invalidParams("\(error)", pointer: "/_meta")
    }
    if let ttlMs, !(1...3_600_000).contains(ttlMs) {
      throw .invalidParams("ttlMs is \(ttlMs); it must be from 1 to 3,600,000", pointer: "/_meta/ttlMs")
    }
    if let after, after < 0 { throw .invalidParams("after is \(after); it must be 0 or more", pointer: "/_meta/after") }
    if let idempotencyKey, !(1...256).contains(idempotencyKey.utf8.count) {
      throw .invalidParams(
        "the idempotency key has \(idempotencyKey.utf8.count) bytes; it must have 1 to 256",
        pointer: "/_meta/idempotencyKey")
    }
  }
}

/// The byte ranges of a request's members, found in one pass that validates all of them as JSON.
struct RequestMembers {
  var id: Range<Int>?
  var isVersion2 = false
  var method: String?
  var params: Range<Int>?
  var meta: Range<Int>?
  /// Limited because the answer repeats the id.
  private static let maximumIDBytes = 1_024
  /// The byte range to remove from `params` so that `_meta` is gone.
  private var metaCut: Range<Int>?
  var hasPositionalParams = false
  /// Why this is not a request, if it is valid JSON but not valid JSON-RPC.
  var violation: String?

  init(scanning bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    guard case .beginObject = try scanner.next() else {
      var whole = JSONScanner(bytes)
      try whole.skipValue()
      try whole.expectEnd()
      violation = "a request must be one object: batches are not supported; send several events as parts of one message"
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
        violation = "\"id\" must be a string, a number or null"
      default:
        id = range.count <= Self.maximumIDBytes ? range : nil
        if id == nil { violation = "\"id\" has \(range.count) bytes; the limit is \(Self.maximumIDBytes)" }
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

  /// Returns the next value if it is a string; skips any other value.
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
    default: violation = "\"params\" must be an object"
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

  /// Returns the parameters without `_meta`.
  func params(in bytes: [UInt8]) -> [UInt8] {
    guard let params else { return [UInt8(ascii: "{"), UInt8(ascii: "}")] }
    guard let metaCut else { return Array(bytes[params]) }
    return Array(bytes[params.lowerBound..<metaCut.lowerBound]) + bytes[metaCut.upperBound..<params.upperBound]
  }
}

/// Turns an incoming message into a call, or into the error to answer it with.
struct RequestReader {
  enum Reading {
    /// A call. Without an id it is a notification.
    case call(IncomingCall, id: [UInt8]?)
    case rejection(Problem, id: [UInt8])
  }

  let limits: MessageLimits
  let defaultTTL: Duration

  func read(_ message: InboundMessage, at now: ContinuousClock.Instant) -> Reading {
    guard message.frames.first?.isEmpty == true, message.frameCount >= 2 else {
      return .rejection(
        Problem(
          .invalidRequest, code: "invalid-framing", title: "invalid message frames",
          detail: "a message must be an empty frame, a JSON-RPC envelope, and any number of parts"),
        id: RequestEnvelope.null)
    }
    guard message.frames.count > 1 else {
      return .rejection(.tooLarge(limits.violation(in: message) ?? ""), id: RequestEnvelope.null)
    }
    do throws(RequestEnvelope.ParseError) {
      let envelope = try RequestEnvelope(parsing: message.frames[1])
      if let violation = limits.violation(in: message) {
        return .rejection(.tooLarge(violation), id: envelope.id ?? RequestEnvelope.null)
      }
      return .call(call(envelope, message, now), id: envelope.id)
    } catch {
      guard let violation = limits.violation(in: message) else { return .rejection(error.problem, id: error.id) }
      return .rejection(.tooLarge(violation), id: error.id)
    }
  }

  private func call(_ envelope: RequestEnvelope, _ message: InboundMessage, _ now: ContinuousClock.Instant)
    -> IncomingCall
  {
    IncomingCall(
      method: envelope.method, params: envelope.params, meta: envelope.meta, parts: Array(message.frames.dropFirst(2)),
      principal: message.sender.map { Principal($0) } ?? Principal("unknown"),
      deadline: now + (envelope.meta.ttlMs.map { .milliseconds($0) } ?? defaultTTL), expectsReply: envelope.id != nil)
  }
}

extension Principal {
  /// Reads messages of a sender whom the transport has authenticated.
  init(_ sender: MessageSender) {
    switch sender {
    case .process(let credentials): self = .uid(credentials.uid)
    case .key(let key): self = .key(key.text)
    }
  }
}

/// A JSON-RPC 2.0 response.
struct ResponseEnvelope {
  /// The id as a number; nil if it does not have the form of this client's ids.
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
    // The scanner has accepted it, so parsing fails only if it exceeds a limit; it is not an answer then.
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
