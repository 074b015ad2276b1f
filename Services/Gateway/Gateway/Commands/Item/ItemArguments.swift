import ArgumentParser
import LaunchModel

/// A launch and some of its items.
struct ItemArguments: ParsableArguments {
  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID

  @Argument(help: ArgumentHelp("The items, as qa or kb-article/de.", valueName: "item"))
  var selectors: [ItemSelector]

  @Flag(help: "Let a key without instance stand for all its instances.")
  var allInstances = false
}

extension ItemArguments {
  /// Calls for each item that is named, in order, and prints each answer.
  ///
  /// One that fails does not keep the others from being done; the first failure's status is the command's.
  func forEach(
    in session: Session, _ call: (ItemSelector) async throws -> Reply<ItemDetail>
  ) async throws {
    let list = try await session.call(ChecklistRoutes.items, LaunchReference(launch: launch))
    let items = try ItemSelector.resolve(
      selectors, among: list.value.items, of: launch, takesAllInstances: allInstances)
    var failures: [Failure] = []
    for (index, item) in items.enumerated() {
      do {
        let reply = try await call(item)
        if index > 0 { session.console.write(session.renderer.separator) }
        try session.print(reply)
      } catch let failure as CallFailure {
        var failure = Failure(failure)
        if items.count > 1 { failure.messages = failure.messages.map { "\(item): \($0)" } }
        failures.append(failure)
      }
    }
    guard let first = failures.first else { return }
    throw Failure(first.status, failures.flatMap(\.messages), faults: failures.flatMap(\.faults))
  }

  /// Changes each item that is named by a route, with what `prepare` adds to the parameters.
  func change(
    by route: Route<ItemAction, ItemDetail>, in session: Session, _ prepare: (inout ItemAction) -> Void = { _ in }
  ) async throws {
    try await forEach(in: session) { item in
      var action = ItemAction(launch: launch, key: item.key, instance: item.instance)
      prepare(&action)
      return try await session.call(route, action)
    }
  }
}
