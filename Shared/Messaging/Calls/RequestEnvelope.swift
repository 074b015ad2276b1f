public import Contract
import JSON
public import LaunchModel
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

/// A call in the form in which its handler receives it, already checked for protocol errors.
public struct IncomingCall: Sendable {
  /// The JSON-RPC method, such as `launch.propose`.
  public var method: String
  /// The parameters: one strictly validated JSON object without `_meta`.
  public var params: [UInt8]
  /// The call's `_meta`; empty if it had none.
  public var meta: CallMeta
  /// The frames after the envelope.
  public var parts: [[UInt8]]
  /// The caller, as authenticated by the transport.
  public var principal: Principal
  /// When the caller stops waiting.
  public var deadline: ContinuousClock.Instant
  /// Whether the caller expects an answer; a JSON-RPC notification has none.
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
