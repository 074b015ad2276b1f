import ArgumentParser
import Contract
import LaunchModel

struct ItemAssign: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign", abstract: "Assign items, or all items of a person, to a person.",
    discussion: """
      With --from, moves every open item of that person, on all launches or only on --launch. The person may have left \
      the roster. Exits 77 if you may not assign some of the items; those are not moved.
      """,
    examples: [
      "gonogo item assign smart-routing qa load-test --to lena",
      "gonogo item assign --from lena --to ibrahim --dry-run",
    ])

  @Argument(help: ArgumentHelp("Launch id, e.g. smart-routing.", valueName: "launch")) var id: LaunchID?
  @Argument(help: ArgumentHelp("The items, e.g. qa or kb-article/de.", valueName: "item"))
  var items: [ItemReference] = []
  @OptionGroup var instances: InstancesOption
  @OptionGroup var people: HandoverOptions
  @Option(help: ArgumentHelp("With --from: only the items of this launch.", valueName: "launch")) var launch: LaunchID?
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var preview: DryRunOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard people.to != nil else { throw ValidationError("name the person to assign the items to (--to PERSON)") }
    guard people.from == nil else {
      guard id == nil, !instances.allInstances else {
        throw ValidationError("--from moves all open items; name no items, and use --launch to stay within one launch")
      }
      return
    }
    guard id != nil, !items.isEmpty else {
      throw ValidationError("name a launch and its items, or pass --from PERSON to move all of that person's items")
    }
    guard launch == nil, !preview.dryRun else { throw ValidationError("--launch and --dry-run apply to --from") }
  }

  func run(in session: Session) async throws {
    guard let to = people.to else { return }
    if let from = people.from { return try await move(from: from, to: to, in: session) }
    guard let id else { return }
    let named = ItemArguments(launch: id, items: items, instances: instances)
    try await named.change(by: ChecklistRoutes.assign, in: session) {
      $0.to = to
      $0.reason = explanation.reason
    }
  }

  private func move(from: PersonID, to: PersonID, in session: Session) async throws {
    let route = preview.dryRun ? ChecklistRoutes.previewReassign : ChecklistRoutes.reassign
    let request = ReassignItems(from: from, to: to, launch: launch, reason: explanation.reason)
    let moved = try await session.show(route, request)
    let refused = moved.items.compactMap { item in
      item.refused.map { "\(item.launch) \(item.reference.name): \($0)" }
    }
    guard refused.isEmpty else { throw GatewayError(.forbidden, refused) }
  }
}

extension Reassignment: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [.left("launch"), .left("item"), .left("state"), .left("due"), .left("from"), .left("to")],
      whenEmpty: "\(from) has no open items")
    table.rows = items.map { item in
      let receiver = item.refused == nil ? Text(to) : Text("not moved", .bad)
      let due = Text(item.due.description)
      return [Text(item.launch), Text(item.reference.name), item.state.label, due, Text(from), receiver]
    }
    page.table(table)
  }
}
