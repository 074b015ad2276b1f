import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage

/// The call that lists what items ask of a person or a function over all launches.
struct MyItemHandlers {
  let context: ChecklistContext

  /// The highest number of days to look ahead.
  private static let mostDays = 3_660

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.myItems) { [context] request, call in
      try Rights.require(call.actor, .read)
      let person = try Self.person(request, call.actor, on: context.environment.roster)
      return try await context.overviews.read(context, at: call.now) { overviews, db in
        let items = overviews.flatMap { $0.tasks.tasks(of: person, request) }
        return MyItemList(items: Self.sorted(items), halt: try HaltRepository(db: db).standing())
      }
    }
  }

  /// Whose items are asked for; nil for everybody's.
  ///
  /// - Throws: `invalid` if a parameter is out of range, the person is not on the roster, or the caller is nobody on it
  ///   and names neither a person nor a function.
  private static func person(
    _ request: MyItemsRequest, _ caller: Actor, on roster: Roster?
  ) throws(Problem) -> PersonID? {
    if let days = request.dueWithinDays, !(0...mostDays).contains(days) {
      throw .invalid(
        "unfit-dueWithinDays", pointer: "/dueWithinDays", "\(days) is out of range; give 0 to \(mostDays) days")
    }
    if let person = request.person {
      try roster?.requireKnown([person], at: "/person")
      return person
    }
    guard request.function == nil else { return nil }
    guard caller.entry != nil || caller.isBeforeRoster else {
      throw .invalid(
        "missing-person", title: "missing person", pointer: "/person",
        "\(caller.principal) belongs to nobody on the roster; name a person or a function")
    }
    return caller.rightsHolder
  }

  /// By due day, then launch; those of one launch and day stay in its order.
  private static func sorted(_ items: [MyItem]) -> [MyItem] {
    items.enumerated().sorted { left, right in
      if MyItem.precedes(left.element, right.element) { return true }
      return !MyItem.precedes(right.element, left.element) && left.offset < right.offset
    }.map(\.element)
  }
}
