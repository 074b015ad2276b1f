import JSON
import Contract
import LaunchModel
import Testing

@testable import Messaging

@Suite struct RequestEnvelopeTests {
  @Test("A request is read with its id as written", arguments: ["\"7\"", "7", "7.50", "null", "\"\\u0041\""])
  func ids(_ id: String) throws {
    let envelope = try RequestEnvelope(
      parsing: bytes("{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"a.b\",\"params\":{\"x\":1}}"))
    #expect(envelope == RequestEnvelope(id: bytes(id), method: "a.b", params: bytes("{\"x\":1}"), meta: CallMeta()))
  }

  @Test("An id that is too long to be echoed is refused, and not echoed")
  func longID() throws {
    let id = "\"" + String(repeating: "i", count: 1_022) + "\""
    _ = try RequestEnvelope(parsing: bytes("{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"m\"}"))
    let longer = "\"" + String(repeating: "i", count: 1_023) + "\""
    do throws(RequestEnvelope.ParseError) {
      _ = try RequestEnvelope(parsing: bytes("{\"jsonrpc\":\"2.0\",\"id\":\(longer),\"method\":\"m\"}"))
      Issue.record("it was accepted")
    } catch {
      #expect(error.problem.kind == .invalidRequest)
      #expect(error.problem.detail.contains("1025 bytes"))
      #expect(error.id == RequestEnvelope.null)
    }
  }

  @Test("A request without an id is a notification, and params are optional")
  func notification() throws {
    let envelope = try RequestEnvelope(parsing: bytes("{\"method\":\"a.b\",\"jsonrpc\":\"2.0\"}"))
    #expect(envelope == RequestEnvelope(id: nil, method: "a.b", params: bytes("{}"), meta: CallMeta()))
  }

  @Test(
    "_meta is removed from the parameters wherever it is, and the rest stays byte for byte",
    arguments: [
      (#"{"_meta":{"ttlMs":9}}"#, "{}"),
      (#"{"_meta":{"ttlMs":9},"a":1}"#, #"{"a":1}"#),
      (#"{"a":1,"_meta":{"ttlMs":9}}"#, #"{"a":1}"#),
      (#"{"a":1,"_meta":{"ttlMs":9},"b": [2, 3]}"#, #"{"a":1,"b": [2, 3]}"#),
      (#"{ "a" : 1.50 , "_meta" : {"ttlMs":9} , "b" : {"_meta":7} }"#, #"{ "a" : 1.50 , "b" : {"_meta":7} }"#),
    ])
  func meta(_ params: String, _ rest: String) throws {
    let envelope = try RequestEnvelope(
      parsing: bytes("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":\(params)}"))
    #expect(text(envelope.params) == rest)
    #expect(envelope.meta == CallMeta(ttlMs: 9))
    #expect(throws: Never.self) { try JSONValue(parsing: envelope.params) }
  }

  @Test("Every member of _meta is read")
  func wholeMeta() throws {
    let meta = CallMeta(
      ttlMs: 50, idempotencyKey: "k", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      expectedVersion: 3, onBehalfOf: "dana", after: 12)
    let written = EnvelopeWriter.request(id: 1, method: "m", params: bytes("{\"x\":{}}"), meta: meta)
    let envelope = try RequestEnvelope(parsing: written)
    #expect(envelope.meta == meta)
    #expect(text(envelope.params) == "{\"x\":{}}")
  }

  @Test(
    "An invalid request is answered with the JSON-RPC 2.0 code, and with its id if it has one",
    arguments: [
      ("", Problem.Kind.parseError, "null"),
      ("{", .parseError, "null"),
      (#"{"jsonrpc":"2.0","id":1,"id":2,"method":"m"}"#, .parseError, "null"),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"a":2}}"#, .parseError, "null"),
      (#"{"jsonrpc":"2.0","id":1,"method":"m"} x"#, .parseError, "null"),
      ("[]", .invalidRequest, "null"),
      (#"[{"jsonrpc":"2.0","id":1,"method":"m"}]"#, .invalidRequest, "null"),
      ("7", .invalidRequest, "null"),
      ("{}", .invalidRequest, "null"),
      (#"{"id":1,"method":"m"}"#, .invalidRequest, "1"),
      (#"{"jsonrpc":"1.0","id":"x","method":"m"}"#, .invalidRequest, "\"x\""),
      (#"{"jsonrpc":2.0,"id":1,"method":"m"}"#, .invalidRequest, "1"),
      (#"{"jsonrpc":"2.0","id":1}"#, .invalidRequest, "1"),
      (#"{"jsonrpc":"2.0","id":1,"method":5}"#, .invalidRequest, "1"),
      (#"{"jsonrpc":"2.0","id":1,"method":["m"]}"#, .invalidRequest, "1"),
      (#"{"jsonrpc":"2.0","id":{},"method":"m"}"#, .invalidRequest, "null"),
      (#"{"jsonrpc":"2.0","id":true,"method":"m"}"#, .invalidRequest, "null"),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":"x"}"#, .invalidRequest, "1"),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}"#, .invalidParams, "1"),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":7}}"#, .invalidParams, "1"),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"ttlMs":0}}}"#, .invalidParams, "1"),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"ttlMs":"5"}}}"#, .invalidParams, "1"),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"after":-1}}}"#, .invalidParams, "1"),
      (#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"idempotencyKey":""}}}"#, .invalidParams, "1"),
    ])
  func errors(_ envelope: String, _ kind: Problem.Kind, _ id: String) {
    #expect {
      try RequestEnvelope(parsing: bytes(envelope))
    } throws: { error in
      guard let fault = error as? RequestEnvelope.ParseError else { return false }
      return fault.problem.kind == kind && text(fault.id) == id
    }
  }

  @Test("An error in _meta names the member")
  func metaPointer() {
    #expect {
      try RequestEnvelope(
        parsing: bytes(#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"expectedVersion":"x"}}}"#))
    } throws: {
      ($0 as? RequestEnvelope.ParseError)?.problem.errors.map(\.pointer) == ["/_meta/expectedVersion"]
    }
  }

  @Test("A response is read with its result as written, or with its problem")
  func responses() throws {
    let good = try #require(
      ResponseEnvelope(parsing: EnvelopeWriter.response(id: bytes("\"12\""), outcome: .success(bytes("{\"a\":1.0}")))))
    #expect(good.id == 12)
    #expect(try good.outcome.get() == bytes("{\"a\":1.0}"))
    let problem = Problem(
      .conflict, code: "version-changed", title: "conflict", detail: "it is 4 now", retryable: true, retryAfterMs: 5,
      errors: [FieldError(pointer: "/a", line: 3, detail: "b")], extra: ["current": 4])
    let bad = try #require(
      ResponseEnvelope(parsing: EnvelopeWriter.response(id: bytes("\"13\""), outcome: .failure(problem))))
    #expect(bad.outcome == .failure(problem))
    #expect(ResponseEnvelope(parsing: bytes("{\"id\":\"1\"}")) == nil)
    #expect(ResponseEnvelope(parsing: bytes("nonsense")) == nil)
  }
}
