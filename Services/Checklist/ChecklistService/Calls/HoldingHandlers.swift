import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage

/// The calls about what people are responsible for: showing it, and moving their open items to another person.
struct HoldingHandlers {
  let context: ChecklistContext

  /// The maximum number of items that one call moves; it bounds the transaction and the answer.
  private static let mostItems = 2_000

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.holdings) { [context] params, call in
      try Rights.require(call.actor, .read)
      return try await context.environment.database.read { db in try Self.holdings(params, call.now, context, db) }
    }
    router.read(ChecklistRoutes.previewReassign) { [context] params, call in
      try Self.check(params, on: context.environment.roster)
      return try await context.environment.database.read { db in
        let calendars = try context.calendars.all(db)
        var items: [ReassignedItem] = []
        for launch in try Self.launches(of: params, db) {
          guard var checklist = try LaunchRepository(db: db).load(launch)?.checklist else { continue }
          let moment = try context.moment(of: checklist.record.plan, at: call.now, in: calendars)
          items += checklist.reassign(from: params.from, to: params.to, by: call.actor, at: moment).items
        }
        return try Self.result(params, items, on: context.environment.roster)
      }
    }
    router.change(
      ChecklistRoutes.reassign,
      prepare: { [context] params, _ in
        try Self.check(params, on: context.environment.roster)
        return try await context.environment.database.read { db in try Self.launches(of: params, db) }
      },
      apply: { [context] params, launches, call, tx in
        var items: [ReassignedItem] = []
        for launch in launches {
          try context.change(tx).perform(launch, reason: params.reason) { state, moment in
            let moved = state.checklist.reassign(from: params.from, to: params.to, by: call.actor, at: moment)
            items += moved.items
            return moved.events
          }
        }
        return try Self.result(params, items, on: context.environment.roster)
      })
  }

  private static func holdings(
    _ params: HoldingsReference, _ now: Timestamp, _ context: ChecklistContext, _ db: any Transaction
  ) throws -> HoldingsReport {
    let roster = context.environment.roster ?? Roster()
    let references = RosterReferences(db: db, context: context, now: now)
    guard let person = params.person else {
      return HoldingsReport(people: try references.departures(from: [:], on: roster))
    }
    let holdings = try references.holdings(of: person, on: roster)
    if holdings.launches.isEmpty { try roster.requireKnown([person], at: "/person") }
    return HoldingsReport(people: [holdings])
  }

  /// Throws `invalid` unless the items are moved to a different person who is on the roster.
  private static func check(_ request: ReassignItems, on roster: Roster?) throws(Problem) {
    guard request.from != request.to else {
      throw .invalid(
        "same-person", pointer: "/to", "\(request.to) has these items already; name another person (--to PERSON)")
    }
    try roster?.requireKnown([request.to], at: "/to")
  }

  /// Returns the launches on which the person may have items, by date.
  private static func launches(of request: ReassignItems, _ db: any Transaction) throws -> [LaunchID] {
    let launches = LaunchRepository(db: db)
    if let launch = request.launch, try launches.load(launch) == nil {
      throw Problem.noLaunch(launch, among: try launches.all().map(\.rawValue))
    }
    let named = try launches.ids(withItemsOf: request.from).filter { request.launch == nil || $0 == request.launch }
    return try named.compactMap { try launches.load($0)?.checklist.record }
      .filter { $0.status != .cancelled && $0.status != .closed }
      .sorted { ($0.plan.date, $0.plan.launch) < ($1.plan.date, $1.plan.launch) }
      .map(\.plan.launch)
  }

  /// - Throws: `tooLarge` if there are more items than one call moves; `invalid` if there are none and the person is
  ///   not on the roster either, because the name is then most likely misspelt.
  private static func result(
    _ request: ReassignItems, _ items: [ReassignedItem], on roster: Roster?
  ) throws(Problem) -> Reassignment {
    guard items.count <= mostItems else {
      throw Problem.tooLarge(
        code: "too-many-items", title: "too many items",
        "\(request.from) has \(items.count) open items, and one call moves at most \(mostItems); nothing was moved. "
          + "Move them launch by launch (--launch L)")
    }
    if items.isEmpty { try roster?.requireKnown([request.from], at: "/from") }
    return Reassignment(from: request.from, to: request.to, items: items)
  }
}
