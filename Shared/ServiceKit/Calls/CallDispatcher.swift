public import Contract
import JSON
import LaunchModel
import Logging
import Messaging
import Storage

/// Handles a service's calls: resolves the caller, waits for `after`, applies idempotency, runs the route in its
/// transaction, and waits for the announcement.
struct CallDispatcher: CallHandler {
  /// The methods that anyone may call.
  private static let open: Set<String> = ["service.ping"]
  /// The methods that are answered even if the store is unusable.
  private static let withoutStore: Set<String> = ["service.ping", "service.info", "service.stats", "rpc.discover"]

  let environment: ServiceEnvironment
  let routes: [String: RegisteredRoute]
  let statistics: CallStatistics
  let ownPrincipals: Set<Principal>
  /// The wall clock, which measures the age of idempotency keys.
  let wallClock: any ServiceClock
  /// How long a change waits for its events to reach the bus before it is answered with `"announced": false`.
  let announcementWait: Duration

  func handle(_ call: IncomingCall) async throws -> CallReply {
    guard let route = routes[call.method] else {
      throw Problem(
        .methodNotFound, code: "method-not-found", title: "no such method",
        detail: "\(environment.service.rawValue) has no method \"\(Excerpt.of(call.method))\"; "
          + "rpc.discover lists its methods")
    }
    let started = ContinuousClock.now
    do {
      let reply = CallReply(result: try await answer(call, route).serialized())
      statistics.record(call.method, .now - started)
      return reply
    } catch {
      let isChange = if case .change = route.body { true } else { false }
      let problem = ErrorReport.problem(
        error, isRepeatable: call.meta.idempotencyKey != nil, isChange: isChange)
      statistics.record(call.method, .now - started, problem, at: environment.clock.now())
      throw problem.kind == .internalError ? logged(problem, error, call) : problem
    }
  }

  /// Logs an internal error and returns it with a reference to its log entry.
  private func logged(_ problem: Problem, _ error: any Error, _ call: IncomingCall) -> Problem {
    let reference = String(UInt32.random(in: .min ... .max), radix: 16)
    environment.logger.error(
      "call failed",
      metadata: ["method": "\(call.method)", "reference": "\(reference)", "error": "\(error)"])
    var problem = problem
    let summary = error is Problem ? problem.detail : problem.title
    problem.detail = "\(summary) (\(call.method)); see \(environment.service.rawValue)'s log, reference \(reference)"
    problem.extra["reference"] = .string(reference)
    return problem
  }

  /// Answers a call as the caller. If that is forbidden, answers it under the first delegation that allows the caller
  /// to make it.
  private func answer(_ call: IncomingCall, _ route: RegisteredRoute) async throws -> JSONValue {
    if !Self.withoutStore.contains(call.method), let outage = environment.database.outage { throw outage }
    // Events up to that offset may change the roster, so the caller's rights are looked up only afterwards.
    if let after = call.meta.after { try await wait(for: after, until: call.deadline) }
    let context = try context(of: call)
    try ParameterTexts.check(call.params, of: call.method)
    do {
      return try await answer(call, route, context)
    } catch let refusal as Problem where refusal.kind == .forbidden {
      for standIn in context.actor.standIns {
        var context = context
        context.actor = standIn
        do {
          return try await answer(call, route, context)
        } catch let other as Problem where other.kind == .forbidden { continue }
      }
      throw refusal
    }
  }

  /// Answers a call by an actor.
  private func answer(
    _ call: IncomingCall, _ route: RegisteredRoute, _ context: CallContext
  ) async throws -> JSONValue {
    switch route.body {
    case .read(let read):
      return try await read(call.params, context)
    case .change(let change):
      let (result, announcedBy) = try await perform(change, call, context)
      return ShortForm.fitting(try await annotate(result, announcedBy, context))
    }
  }

  private func context(of call: IncomingCall) throws -> CallContext {
    let identity = CallerIdentity(
      roster: environment.roster, ownPrincipals: ownPrincipals, now: environment.clock.now())
    let actor =
      Self.open.contains(call.method)
      ? Actor(person: call.principal.rawValue, principal: call.principal)
      : try identity.actor(call.principal, onBehalfOf: call.meta.onBehalfOf)
    return CallContext(
      actor: actor, meta: call.meta, now: environment.clock.now(), deadline: call.deadline, environment: environment)
  }

  private func wait(for offset: Int64, until deadline: ContinuousClock.Instant) async throws {
    // The answer must be sent before the caller stops waiting.
    let left: Duration = max(.zero, deadline - .now)
    let margin = min(Duration.milliseconds(200), left / 4)
    guard try await !environment.reach(offset, until: deadline - margin) else { return }
    let cause = environment.progress.failure.map { ": \(ErrorReport.reason($0))" } ?? ""
    throw Problem(
      .unavailable, code: "lagging", title: "the service has not caught up with the bus",
      detail:
        "\(environment.service.rawValue) has processed events up to offset \(environment.progress.offset), but the call "
        + "needs \(offset)\(cause); try again",
      retryable: true)
  }

  /// Returns the result and the outbox position of its announcement; for a repeated call, those of the first call.
  private func perform(
    _ change: RegisteredRoute.Change, _ call: IncomingCall, _ context: CallContext
  ) async throws -> (JSONValue, Int64?) {
    let cache = IdempotencyCache(call: call, wallNow: wallClock.now())
    if let first = try await environment.database.read({ try cache.answer($0) }) { return first }
    let apply = try await change(call.params, context)
    guard call.deadline > .now else {
      throw Problem(
        .expired, code: "expired", title: "the call expired before the change was made",
        detail: "nothing was changed; try again, or allow more time with _meta.ttlMs", retryable: true)
    }
    let committed = try await environment.commit(as: context.actor) { tx -> (JSONValue, Int64?) in
      if let first = try cache.answer(tx.db) { return first }
      var context = context
      context.now = tx.now
      let result = try apply(context, tx)
      try cache.save(result, announcedBy: tx.announcedBy, tx.db)
      return (result, tx.announcedBy)
    }
    return committed.result
  }

  /// Adds the `ChangeNotes`: `announced: false` if the events are not on the bus yet, with a warning if the bus states
  /// a reason, and a warning if there is no roster.
  private func annotate(
    _ result: JSONValue, _ announcedBy: Int64?, _ context: CallContext
  ) async throws -> JSONValue {
    guard case .object(let members) = result else { return result }
    var notes = ChangeNotes(warnings: members["warnings"]?.arrayValue?.compactMap(\.stringValue))
    if let announcedBy {
      let limit = min(announcementWait, max(.zero, context.deadline - .now))
      // The change is committed, so that cancelling the wait must not make the call fail.
      let isSent = (try? await environment.relay.isSent(announcedBy, within: limit)) ?? false
      if !isSent {
        notes.announced = false
        if let reason = environment.relay.refusal?.detail {
          notes.warnings = (notes.warnings ?? []) + ["the bus does not store the announcement: \(reason)"]
        }
      }
    }
    if context.actor.isBeforeRoster {
      notes.warnings = (notes.warnings ?? []) + ["no roster has been adopted; names are taken as given"]
    }
    return .object(members.merging(try JSONCoding.value(notes).objectValue ?? [:]) { $1 })
  }
}

/// Resolves a caller to an actor of the roster, and checks that it may call at all.
struct CallerIdentity {
  let roster: Roster?
  /// The principals that this process runs as. Callers with the same principals are the installation's other services,
  /// which may read without a roster entry.
  let ownPrincipals: Set<Principal>
  /// The moment at which delegations must be valid.
  let now: Timestamp

  /// Returns the actor for a caller.
  ///
  /// - Throws: `forbidden` if the caller is not on the roster and therefore may only `ping` (product.md, section 6).
  func actor(_ principal: Principal, onBehalfOf person: PersonID?) throws(Problem) -> Actor {
    var actor = try (roster ?? Roster()).actor(principal: principal, onBehalfOf: person, at: now)
    actor.isInstallation = ownPrincipals.contains(principal) && !actor.isClaimed
    guard actor.isBeforeRoster || actor.entry != nil || actor.isInstallation else {
      throw .forbidden(
        code: "not-on-roster", title: "not on the roster",
        "no one on the roster has the principal \(principal); ask Product Ops to add it to people.yaml")
    }
    return actor
  }
}

/// Decodes parameters from JSON, with errors that state what the caller must fix.
public enum ParameterCoding {
  /// Decodes parameters.
  ///
  /// - Throws: `Problem` of kind `invalidParams`, with the pointer of the offending value.
  public static func decode<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) throws -> T {
    do {
      return try JSONCoding.decode(type, from: bytes)
    } catch let error as JSONError {
      throw Problem(
        .invalidParams, code: "invalid-params", title: "invalid parameters",
        detail: error.pointer.isEmpty ? error.detail : "\(error.pointer): \(error.detail)",
        errors: [FieldError(pointer: error.pointer, detail: error.detail)])
    }
  }
}

/// Stores the answer to a call under its idempotency key, and looks it up.
struct IdempotencyCache: Sendable {
  private let key: IdempotencyStore.Key?
  private let params: [UInt8]
  private let wallNow: Timestamp

  init(call: IncomingCall, wallNow: Timestamp) {
    key = call.meta.idempotencyKey.map { .init(principal: call.principal, method: call.method, key: $0) }
    // The person on whose behalf the call is made is part of the request.
    params = call.params + Array((call.meta.onBehalfOf ?? "").utf8)
    self.wallNow = wallNow
  }

  func answer(_ transaction: any Transaction) throws -> (JSONValue, Int64?)? {
    guard let key,
      let answer = try IdempotencyStore.answer(for: key, params: params, wallNow: wallNow, transaction)
    else { return nil }
    return (try JSONValue(parsing: answer.result), answer.announcedBy)
  }

  func save(_ result: JSONValue, announcedBy: Int64?, _ transaction: any Transaction) throws {
    guard let key else { return }
    try IdempotencyStore.store(
      .init(result: result.serialized(), announcedBy: announcedBy), for: key, params: params, wallNow: wallNow,
      transaction)
  }
}

/// What the texts in parameters may be: their limits, by the name of the member that holds them, and no U+0000.
///
/// It is checked in one place for every method, so that no text gets past them on any path (contract.md, section 2).
enum ParameterTexts {
  private static let limits: [String: TextLimit] = [
    "text": .comment, "explanation": .comment, "outcome": .comment, "value": .comment, "reason": .remark,
    "note": .remark, "why": .remark, "description": .remark, "finding": .remark,
  ]

  /// Methods that only services call, with what they have stored.
  private static let exempt: Set<String> = [ChecklistRoutes.preview.method]

  /// How many texts an error names.
  private static let mostErrors = 20

  /// Refuses parameters with a text that is too long, or that no store can hold.
  ///
  /// - Throws: `invalid` with code `text-too-long` or `value-refused`, and the pointer of each such text.
  static func check(_ params: [UInt8], of method: String) throws {
    // No shorter parameters can hold a text that exceeds the lowest limit.
    let mayBeTooLong = params.count > TextLimit.line.bytes
    guard mayBeTooLong || NullCharacter.isEscaped(in: params), !exempt.contains(method) else { return }
    let value = try JSONValue(parsing: params)
    try NullCharacter.check(value)
    var errors: [FieldError] = []
    check(value, at: .root, named: "", &errors)
    guard errors.isEmpty else { throw Problem.invalid("text-too-long", title: "text too long", errors: errors) }
  }

  private static func check(
    _ value: JSONValue, at pointer: JSONPointer, named name: String, _ errors: inout [FieldError]
  ) {
    guard errors.count < mostErrors else { return }
    switch value {
    case .string(let text):
      let limit = limits[name] ?? .line
      guard !limit.allows(text) else { return }
      errors.append(
        FieldError(
          pointer: pointer.description,
          detail: "the text has \(text.utf8.count) bytes; the limit is \(limit.bytes). Shorten it, or link to it"))
    case .array(let elements):
      for (index, element) in elements.enumerated() {
        check(element, at: pointer.appending("\(index)"), named: name, &errors)
      }
    case .object(let members):
      for (key, member) in members.sorted(by: { $0.key < $1.key }) {
        check(member, at: pointer.appending(key), named: key, &errors)
      }
    case .null, .bool, .integer, .number: return
    }
  }
}

/// The calls that a service answers, by method.
public struct ServiceRouter: Sendable {
  private(set) var routes: [String: RegisteredRoute] = [:]

  /// The registered calls, to be described.
  var descriptions: [RouteDescription] { routes.values.map(\.description) }

  /// Registers a call that changes nothing; its body reads with `call.environment.database.read`.
  public mutating func read<Parameters, Output>(
    _ route: Route<Parameters, Output>,
    _ body: @escaping @Sendable (Parameters, CallContext) async throws -> Output
  ) {
    add(route) { params, call in
      let parameters = try ParameterCoding.decode(Parameters.self, params)
      return try JSONCoding.value(try await body(parameters, call))
    }
  }

  /// Registers a call that changes nothing and answers with a list or a history, of which the caller gets a page.
  public mutating func read<Parameters, Output: PagedResult>(
    _ route: Route<Parameters, Output>,
    _ body: @escaping @Sendable (Parameters, CallContext) async throws -> Output
  ) {
    add(route) { params, call in
      let parameters = try ParameterCoding.decode(Parameters.self, params)
      let page = try ResultPage(params)
      return try page.json(of: try await body(parameters, call))
    }
  }

  /// Registers a call whose whole body is one write transaction.
  public mutating func change<Parameters, Output>(
    _ route: Route<Parameters, Output>,
    _ body: @escaping @Sendable (Parameters, CallContext, ServiceTransaction) throws -> Output
  ) {
    change(route, prepare: { _, _ in }, apply: { parameters, _, call, tx in try body(parameters, call, tx) })
  }

  /// Registers a call that first asks elsewhere, without a transaction, and then changes in one write transaction.
  public mutating func change<Parameters, Prepared: Sendable, Output>(
    _ route: Route<Parameters, Output>,
    prepare: @escaping @Sendable (Parameters, CallContext) async throws -> Prepared,
    apply: @escaping @Sendable (Parameters, Prepared, CallContext, ServiceTransaction) throws -> Output
  ) {
    let body: RegisteredRoute.Change = { params, call in
      let parameters = try ParameterCoding.decode(Parameters.self, params)
      let prepared = try await prepare(parameters, call)
      return { call, tx in try JSONCoding.value(try apply(parameters, prepared, call, tx)) }
    }
    routes[route.method] = RegisteredRoute(description: RouteDescription(route), body: .change(body))
  }

  private mutating func add<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ body: @escaping RegisteredRoute.Read
  ) {
    routes[route.method] = RegisteredRoute(description: RouteDescription(route), body: .read(body))
  }
}

/// A method as it was registered, with its types taken away.
struct RegisteredRoute: Sendable {
  typealias Read = @Sendable ([UInt8], CallContext) async throws -> JSONValue
  /// What remains to be done in the transaction.
  typealias Apply = @Sendable (CallContext, ServiceTransaction) throws -> JSONValue
  typealias Change = @Sendable ([UInt8], CallContext) async throws -> Apply

  enum Body: Sendable {
    case read(Read)
    case change(Change)
  }

  let description: RouteDescription
  let body: Body
}
