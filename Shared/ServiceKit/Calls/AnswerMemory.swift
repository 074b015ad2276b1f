import JSON
import LaunchModel
import Messaging
import Storage

/// What was answered to a call's idempotency key before, and what is to be answered to it from now on.
struct AnswerMemory: Sendable {
  private let key: IdempotencyStore.Key?
  private let params: [UInt8]
  private let wallNow: Timestamp

  init(call: IncomingCall, wallNow: Timestamp) {
    key = call.meta.idempotencyKey.map { .init(principal: call.principal, method: call.method, key: $0) }
    // Whom it is done for is part of what was asked.
    params = call.params + Array((call.meta.onBehalfOf ?? "").utf8)
    self.wallNow = wallNow
  }

  func recall(_ transaction: any Transaction) throws -> (JSONValue, Int64?)? {
    guard let key,
      let answer = try IdempotencyStore.answer(for: key, params: params, wallNow: wallNow, transaction)
    else { return nil }
    return (try JSONValue(parsing: answer.result), answer.announcedBy)
  }

  func keep(_ result: JSONValue, announcedBy: Int64?, _ transaction: any Transaction) throws {
    guard let key else { return }
    try IdempotencyStore.store(
      .init(result: result.serialized(), announcedBy: announcedBy), for: key, params: params, wallNow: wallNow,
      transaction)
  }
}
