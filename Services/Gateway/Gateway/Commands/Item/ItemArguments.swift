import ArgumentParser
import Contract
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
  /// Shows each item that is named, with its history.
  func show(in session: Session) async throws {
    try await forEach(in: session) { item, isFirst in
      let target = ItemTarget(launch: launch, key: item.key, instance: item.instance)
      let reply = try await session.call(ChecklistRoutes.showItem, target)
      if !isFirst { session.console.write(session.renderer.separator) }
      try session.print(reply)
    }
  }

  /// Changes each item that is named by a route, with what `prepare` adds to the parameters, and says where it stands.
  func change(
    by route: Route<ItemAction, ItemDetail>, in session: Session, _ prepare: (inout ItemAction) -> Void = { _ in }
  ) async throws {
    try await forEach(in: session) { item, isFirst in
      var action = ItemAction(launch: launch, key: item.key, instance: item.instance)
      prepare(&action)
      let reply = try await session.call(route, action)
      if !isFirst, session.renderer.format != .table { session.console.write(session.renderer.separator) }
      try session.print(Reply(value: ItemStanding(item: reply.value.item), json: reply.json, parts: reply.parts))
    }
  }

  /// Does something with each item that is named, in order.
  ///
  /// One that fails does not keep the others from being done; the first failure's status is the command's.
  private func forEach(
    in session: Session, _ body: (ItemSelector, _ isFirst: Bool) async throws -> Void
  ) async throws {
    let list = try await session.call(ChecklistRoutes.items, LaunchReference(launch: launch))
    let items = try ItemSelector.resolve(
      selectors, among: list.value.items, of: launch, takesAllInstances: allInstances)
    var failures: [GatewayError] = []
    for (index, item) in items.enumerated() {
      do {
        try await body(item, index == 0)
      } catch let failure as CallError {
        var failure = GatewayError(failure)
        if items.count > 1 { failure.messages = failure.messages.map { "\(item): \($0)" } }
        failures.append(failure)
      }
    }
    guard let first = failures.first else { return }
    throw GatewayError(first.status, failures.flatMap(\.messages), faults: failures.flatMap(\.faults))
  }
}
