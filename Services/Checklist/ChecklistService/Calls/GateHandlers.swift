import ChecklistCore
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Storage
import Synchronization

/// The call that checks the gate.
struct GateHandlers {
  let context: ChecklistContext
  private let places = GateWaitPlaces()

  init(context: ChecklistContext) { self.context = context }

  func register(on router: inout ServiceRouter) {
    // The gate depends on the bus's head, up to which the checklist must have read; on the launch's record in tiering
    // and the sealed plan in metrics, asked for now, and on the audit chains of tiering, metrics and the checklist
    // itself (`AuthoritativeState`); on the current decision and its basis (`Decision`, `DecisionBasis`); on the
    // artifact, if the GO is bound to one; on exposure; on the launch's local day; on a halt of the line; and on every
    // reason against GO (`Readiness`).
    router.read(ChecklistRoutes.checkGate) { [context, places] params, call in
      let check = GateCheck(
        context: context, launch: params.launch, artifact: try ArtifactDigest.normalized(params.artifact),
        deadline: call.deadline)
      guard let wait = params.waitMs else { return try await check.view() }
      guard wait >= 0 else {
        throw Problem.invalid("invalid-wait", pointer: "/waitMs", "waitMs is \(wait); it must not be negative")
      }
      return try await GateWait(check: check, places: places, caller: call.actor.principal)
        .view(within: min(.milliseconds(wait), GateWait.longest))
    }
  }
}

/// The check of a launch's gate.
private struct GateCheck {
  let context: ChecklistContext
  let launch: LaunchID
  /// The digest of the artifact that is to be shipped, normalized; nil if none is named.
  let artifact: String?
  let deadline: ContinuousClock.Instant

  func view() async throws -> GateView {
    let authoritative = try await AuthoritativeState.ask(launch, context, until: deadline)
    do {
      try await DueDecision(context: context).make(launch, authoritative)
      return try await view(authoritative)
    } catch let problem as Problem where problem.isTampering {
      return try await view(authoritative)
    } catch let problem as Problem where problem.code == Problem.laggingCode {
      throw try await authoritative.explained(problem, launch, context, until: deadline)
    }
  }

  private func view(_ authoritative: AuthoritativeState) async throws -> GateView {
    try await context.read(launch) { [context, artifact] state, moment, launches in
      // The checklist's own store counts only if it matches its audit chain.
      let own = try authoritative.contradiction(
        of: state.checklist.launch, context.environment.state, launches.db)
      if own == nil { try authoritative.requireSame(as: state.checklist) }
      var checklist = state.checklist
      checklist.record.confirmation = authoritative.record.confirmation
      let halt = try HaltRepository(db: launches.db).standing(for: checklist.launch)
      let view = GateView(
        of: state.decision(at: moment),
        reasonsAgainstGo: checklist.reasonsAgainstGo(at: moment, isExposed: state.isExposed)
      ).asked(about: artifact).closed(by: halt?.reasonAgainstGo)
      return [own, authoritative.tampering].compactMap(\.self).reduce(view) { view, problem in
        view.closed(by: ReadinessReason(code: problem.code, detail: problem.detail))
      }
    }
  }
}

/// A wait for a closed gate to open.
///
/// Every quarter of a second it compares the heads of the audit chains, to see whether anything was recorded about the
/// launch, the halt or the roster, and the launch's local date. This is cheap, needs no notification, and detects what
/// other replicas write. The gate is checked again only after such a change, and every ten seconds.
private struct GateWait {
  let check: GateCheck
  let places: GateWaitPlaces
  let caller: Principal

  /// The maximum wait of one call, short enough that a service that stops need not interrupt it. Callers call again.
  static let longest = Duration.seconds(4)
  private static let pause = Duration.milliseconds(250)
  private static let recheck = Duration.seconds(10)
  /// The part of the call's time that is reserved for the last check.
  private static let reserve = Duration.seconds(1)

  /// The checklist's own facts on which the gate's next answer depends.
  private struct Mark: Hashable {
    var heads: [ChainHead?]
    var today: LocalDate?
  }

  /// Returns the gate as soon as it is open, or in its current state when the wait is over. If no place is free, does
  /// not wait.
  func view(within wait: Duration) async throws -> GateView {
    let end = min(.now + wait, check.deadline - Self.reserve)
    // Read before the check, so that no change between the two is missed.
    var mark = try await currentMark()
    var view = try await check.view()
    guard !view.open, places.take(for: caller) else { return view }
    defer { places.leave(caller) }
    var recheckAt = ContinuousClock.now + Self.recheck
    while !view.open, .now < end {
      try await Task.sleep(for: min(Self.pause, end - .now))
      let latest = try await currentMark()
      guard latest != mark || .now >= recheckAt else { continue }
      mark = latest
      view = try await check.view()
      recheckAt = .now + Self.recheck
    }
    return view
  }

  private func currentMark() async throws -> Mark {
    let (environment, launch) = (check.context.environment, check.launch)
    let now = environment.clock.now()
    return try await environment.database.read { db in
      let subjects = [launch.rawValue, HaltAnnounced.subject, RosterChange.subject]
      let zone = try LaunchRepository(db: db).timeZone(of: launch)
      return Mark(
        heads: try subjects.map { try environment.audit.head(launch: $0, db) },
        today: try zone.map { try ZoneRules($0).localDate(at: now) })
    }
  }
}

/// Limits the callers that wait at the gate: the number of calls in flight is limited, and waiting calls must leave
/// room for others.
final class GateWaitPlaces: Sendable {
  private let most: Int
  private let mostOfOne: Int
  private let taken = Mutex<[Principal: Int]>([:])

  /// - Parameters:
  ///   - most: the number of places.
  /// - mostOfOne: the number of places that one caller may take.
  init(most: Int = 256, mostOfOne: Int = 128) {
    self.most = most
    self.mostOfOne = mostOfOne
  }

  /// Takes a place; returns false if none is left for the caller.
  func take(for caller: Principal) -> Bool {
    taken.withLock { taken in
      guard taken[caller, default: 0] < mostOfOne, taken.values.reduce(0, +) < most else { return false }
      taken[caller, default: 0] += 1
      return true
    }
  }

  /// Releases a place that the caller has taken.
  func leave(_ caller: Principal) {
    taken.withLock { taken in
      let left = taken[caller, default: 1] - 1
      taken[caller] = left > 0 ? left : nil
    }
  }
}
