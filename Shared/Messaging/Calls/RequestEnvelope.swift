import JSON
import LaunchModel

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
      errors: pointer.isEmpty ? [] : [FieldFault(pointer: pointer, detail: detail)])
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
