import Contract
import JSON
import LaunchModel
import Logging
import Messaging
import Storage

/// Answers a service's calls: identity, `after`, idempotency, the transaction, and the announcement, around its routes.
struct CallDispatcher: CallHandler {
  /// Answered to anybody.
  private static let open: Set<String> = ["service.ping"]

  let environment: ServiceEnvironment
  let routes: [String: RegisteredRoute]
  let statistics: CallStatistics
  let own: Set<Principal>
  /// The wall clock, for the age of idempotency keys.
  let wallClock: any ServiceClock
  /// How long a change waits for its events to be on the bus before it says `"announced": false`.
  let announcementWait: Duration

  func handle(_ call: IncomingCall) async throws -> CallReply {
    guard let route = routes[call.method] else {
      throw Problem(
        .methodNotFound, code: "method-not-found", title: "There is no such method",
        detail: "\(environment.service.rawValue) has no method \"\(call.method)\"; rpc.discover lists them")
    }
    let started = ContinuousClock.now
    do {
      let reply = CallReply(result: try await answer(call, route).serialized())
      statistics.record(call.method, .now - started)
      return reply
    } catch {
      let problem = ErrorReport.problem(error, isRepeatable: call.meta.idempotencyKey != nil)
      statistics.record(call.method, .now - started, problem, at: environment.clock.now())
      throw problem.kind == .internalError ? logged(problem, error, call) : problem
    }
  }

  /// A defect, with what its entry in the log is found by.
  private func logged(_ problem: Problem, _ error: any Error, _ call: IncomingCall) -> Problem {
    let reference = String(UInt32.random(in: .min ... .max), radix: 16)
    environment.logger.error(
      "a call failed within the service",
      metadata: ["method": "\(call.method)", "reference": "\(reference)", "error": "\(error)"])
    var problem = problem
    let what = error is Problem ? problem.detail : problem.title
    problem.detail =
      "\(what) (\(call.method)); the log of \(environment.service.rawValue) says why, under reference \(reference)"
    problem.extra["reference"] = .string(reference)
    return problem
  }

  private func answer(_ call: IncomingCall, _ route: RegisteredRoute) async throws -> JSONValue {
    let context = try context(of: call)
    if let after = call.meta.after { try await wait(for: after, until: call.deadline) }
    switch route.body {
    case .read(let read):
      return try await read(call.params, context)
    case .change(let change):
      let (result, announcedBy) = try await perform(change, call, context)
      return try await annotate(result, announcedBy, context)
    }
  }

  private func context(of call: IncomingCall) throws -> CallContext {
    let identity = CallerIdentity(roster: environment.roster, own: own)
    let actor =
      Self.open.contains(call.method)
      ? Actor(person: call.principal.rawValue, principal: call.principal)
      : try identity.actor(call.principal, onBehalfOf: call.meta.onBehalfOf)
    return CallContext(
      actor: actor, meta: call.meta, now: environment.clock.now(), deadline: call.deadline, environment: environment)
  }

  private func wait(for offset: Int64, until deadline: ContinuousClock.Instant) async throws {
    guard try await !environment.gate.wait(for: offset, until: deadline) else { return }
    throw Problem(
      .unavailable, code: "lagging", title: "The service has not caught up with the bus",
      detail:
        "\(environment.service.rawValue) has processed the bus up to \(environment.gate.offset) and was asked to be "
        + "at \(offset); try again",
      retryable: true)
  }

  /// The answer, and the outbox position that it is announced by; for a repeated call those of the first.
  private func perform(
    _ change: RegisteredRoute.Change, _ call: IncomingCall, _ context: CallContext
  ) async throws -> (JSONValue, Int64?) {
    let memory = IdempotencyCache(call: call, wallNow: wallClock.now())
    if let first = try await environment.database.read({ try memory.recall($0) }) { return first }
    let apply = try await change(call.params, context)
    guard call.deadline > .now else {
      throw Problem(
        .expired, code: "expired", title: "The caller's time was up before the change was made",
        detail: "nothing was changed; try again, or give more time with _meta.ttlMs", retryable: true)
    }
    let committed = try await environment.commit(as: context.actor) { tx -> (JSONValue, Int64?) in
      if let first = try memory.recall(tx.db) { return first }
      var context = context
      context.now = tx.now
      let result = try apply(context, tx)
      try memory.keep(result, announcedBy: tx.announcedBy, tx.db)
      return (result, tx.announcedBy)
    }
    return committed.result
  }

  /// Adds what the caller must know beside the result: that it is not announced yet, that names are taken as given.
  private func annotate(
    _ result: JSONValue, _ announcedBy: Int64?, _ context: CallContext
  ) async throws -> JSONValue {
    guard case .object(var members) = result else { return result }
    if let announcedBy {
      let limit = min(announcementWait, max(.zero, context.deadline - .now))
      // Committed is committed: a call that is cancelled while it waits has still changed something.
      let isSent = (try? await environment.relay.isSent(announcedBy, within: limit)) ?? false
      if !isSent { members["announced"] = false }
    }
    if context.actor.isBeforeRoster {
      let warnings = members["warnings"]?.arrayValue ?? []
      members["warnings"] = .array(warnings + ["no roster has been adopted; names are taken as given"])
    }
    return .object(members)
  }
}

/// Whom the roster takes a caller for, and whether it may call at all.
struct CallerIdentity {
  let roster: Roster?
  /// The principals that this process runs as: the other services of the installation, which need no entry to read.
  let own: Set<Principal>

  /// - Throws: `forbidden` for somebody who is not on the roster (product.md, section 6: nothing but `ping`).
  func actor(_ principal: Principal, onBehalfOf person: PersonID?) throws(Problem) -> Actor {
    var actor = try (roster ?? Roster()).actor(principal: principal, onBehalfOf: person)
    actor.isInstallation = own.contains(principal) && !actor.isClaimed
    guard actor.isBeforeRoster || actor.entry != nil || actor.isInstallation else {
      throw .forbidden(
        code: "not-on-roster", title: "not on the roster",
        "\(principal) belongs to nobody on the roster; ask Product Ops to add it to people.yaml")
    }
    return actor
  }
}

/// Parameters from their JSON, with the faults a caller can mend.
public enum ParameterCoding {
  /// - Throws: `Problem` of kind `invalidParams`, with the pointer of what does not fit.
  public static func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) throws -> T {
    do {
      return try JSONCoding.decode(type, from: bytes)
    } catch let error as JSONError {
      throw Problem(
        .invalidParams, code: "invalid-params", title: "The parameters are not what the method takes",
        detail: error.pointer.isEmpty ? error.detail : "\(error.pointer): \(error.detail)",
        errors: [FieldError(pointer: error.pointer, detail: error.detail)])
    }
  }
}

/// What was answered to a call's idempotency key before, and what is to be answered to it from now on.
struct IdempotencyCache: Sendable {
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
