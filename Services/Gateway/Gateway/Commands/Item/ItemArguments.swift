import ArgumentParser
import Digests
import JSON
import Contract
import LaunchModel
import Messaging

/// A launch and some of its items. The service resolves the items' names.
struct ItemArguments: ParsableArguments {
  @OptionGroup var launch: LaunchArgument

  @Argument(help: ArgumentHelp("The items, e.g. qa or kb-article/de.", valueName: "item"))
  var items: [ItemReference]

  @OptionGroup var instances: InstancesOption
}

/// Whether a key without an instance applies to all its instances.
struct InstancesOption: ParsableArguments {
  @Flag(help: "Apply to every instance of the key, e.g. kb-article/en and kb-article/de.") var allInstances = false
}

extension ItemArguments {
  /// Creates the arguments for items that a command has read itself.
  init(launch: LaunchID, items: [ItemReference], instances: InstancesOption) {
    self.init()
    var argument = LaunchArgument()
    argument.id = launch
    self.launch = argument
    self.items = items
    self.instances = instances
  }

  /// Shows the items with their histories, using one call.
  func show(in session: Session) async throws {
    let target = ItemTarget(
      launch: launch.id, keys: items.map(\.name), allInstances: instances.allInstances ? true : nil)
    let reply = try await call(ChecklistRoutes.showItem, target, in: session)
    try print(reply, separator: session.renderer.separator, in: session) { ItemDetail($0, of: launch.id) }
  }

  /// Changes the items with one call, whose parameters `prepare` completes, and prints each item's new state.
  func change(
    by route: Route<ItemAction, ItemResponse>, in session: Session, _ prepare: (inout ItemAction) -> Void = { _ in }
  ) async throws {
    var action = ItemAction(
      launch: launch.id, keys: items.map(\.name), allInstances: instances.allInstances ? true : nil)
    prepare(&action)
    let reply = try await call(route, action, in: session)
    // In a table, each item is one line.
    let separator = session.renderer.format == .table ? "" : session.renderer.separator
    try print(reply, separator: separator, in: session) { ItemStateLine($0) }
  }

  /// - Throws: `GatewayError` with each name that matches no item or is ambiguous; otherwise the same errors as
  ///   `Session.call`.
  private func call<Parameters>(
    _ route: Route<Parameters, ItemResponse>, _ parameters: Parameters, in session: Session
  ) async throws -> Reply<ItemResponse> {
    do {
      return try await session.call(route, parameters)
    } catch let failure as CallError {
      let names = failure.problem.errors.filter { $0.pointer.hasPrefix("/keys/") }
      guard !names.isEmpty else {
        guard !failure.problem.errors.isEmpty else { throw failure }
        throw GatewayError(ofItems: failure.problem, busAnswered: failure.busAnswered)
      }
      let isPartial = route.access == .change && items.count > 1
      throw GatewayError(
        GatewayError(failure).status, names.map(\.detail) + (isPartial ? ["no items were changed"] : []))
    }
  }

  /// Prints the result for each item for which the call succeeded.
  ///
  /// - Throws: `GatewayError` if the call failed for some items, with a message for each and the status of the first.
  private func print<View: Displayable & Sendable>(
    _ reply: Reply<ItemResponse>, separator: String, in session: Session, as view: (ItemResult) -> View?
  ) throws {
    var failures: [GatewayError] = []
    var isFirst = true
    let entries = try reply.itemResults()
    for (result, json) in entries {
      if let error = result.error {
        var failure = GatewayError(ofItems: error)
        if entries.count > 1 {
          let name = result.reference.name
          failure.messages = failure.messages.map { message in
            message.hasPrefix("\(name) ") || message.hasPrefix("\(name): ") ? message : "\(name): \(message)"
          }
        }
        failures.append(failure)
      } else if let view = view(result) {
        if !isFirst { session.console.write(separator) }
        isFirst = false
        try session.print(Reply(value: view, json: json, parts: []))
      }
    }
    guard let first = failures.first else { return }
    throw GatewayError(first.status, failures.flatMap(\.messages), faults: failures.flatMap(\.faults))
  }
}

extension Reply<ItemResponse> {
  /// Returns the result for each item, together with its JSON: the result's own members and the members that surround
  /// the list of results.
  ///
  /// - Throws: `CallError` if the service answered in the form for a single item.
  fileprivate func itemResults() throws -> [(result: ItemResult, json: [UInt8])] {
    let document = try JSONValue(parsing: json)
    guard let results = value.results?.results, let entries = document["results"]?.arrayValue else {
      let problem = Problem(
        .internalError, code: "unexpected-result", title: "unexpected answer",
        detail: "the checklist returned no results; it may run a different version")
      throw CallError(service: .checklist, problem: problem)
    }
    let surrounding = (document.objectValue ?? [:]).filter { $0.key != "results" }
    return zip(results, entries).map { result, entry in
      (result, JSONValue.object((entry.objectValue ?? [:]).merging(surrounding) { own, _ in own }).serialized())
    }
  }
}

/// The JSON that item commands print for each item: the item's result, merged with the members that surround the list
/// of results.
struct PrintedItem: Codable, Sendable, Hashable {
  /// The launch that the item belongs to.
  var launch: LaunchID
  /// The result for the item, merged into this object.
  var result: ItemResult
  /// The notes that the service added to the result of a change, merged into this object.
  var notes: ChangeNotes

  private enum Key: CodingKey {
    case launch
  }

  init(from decoder: any Decoder) throws {
    launch = try decoder.container(keyedBy: Key.self).decode(LaunchID.self, forKey: .launch)
    result = try ItemResult(from: decoder)
    notes = try ChangeNotes(from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    try result.encode(to: encoder)
    try notes.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(launch, forKey: .launch)
  }
}

extension PrintedItem: JSONExampled {
  static var excludedFromExample: [String] { ItemResult.excludedFromExample + ["announced", "warnings"] }
}

/// One piece of evidence, named on the command line.
struct EvidenceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Evidence: a URL.", valueName: "url")) var link: String?

  @Option(help: ArgumentHelp("Evidence: a file; its SHA-256 is recorded.", valueName: "path")) var file: String?

  @Option(name: .customLong("evidence"), help: ArgumentHelp("Evidence: free text.", valueName: "text"))
  var words: String?

  func validate() throws {
    guard [link, file, words].count(where: { $0 != nil }) <= 1 else {
      throw ValidationError("pass only one of --link, --file and --evidence; add more with gonogo item attach")
    }
  }

  /// Returns the evidence; nil if none was given.
  ///
  /// - Throws: `GatewayError` if the file cannot be read, or is empty.
  func evidence() throws(GatewayError) -> Evidence? {
    if let link { return Evidence(kind: .link, value: link) }
    if let words { return Evidence(kind: .text, value: words) }
    guard let file else { return nil }
    let bytes = try InputFile(file).bytes()
    guard !bytes.isEmpty else {
      throw GatewayError(.badInput, "\(file) is empty, so it is no evidence; name a file with content")
    }
    return Evidence(kind: .digest, value: "sha256:\(SHA256Digest.hex(of: bytes))")
  }
}

/// The people whom an item names in addition to its owner.
struct ParticipantOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Who attended.", valueName: "person,…")) var attended: CommaSeparated?

  @Option(
    help: ArgumentHelp("Who presented, by default you; does not count as attending.", valueName: "person"))
  var presenter: String?

  @Option(help: ArgumentHelp("The person that the item must name, e.g. who executes a rollback.", valueName: "person"))
  var person: String?

  /// Adds the people to the parameters of a call.
  func add(to action: inout ItemAction) {
    action.attended = attended?.values
    action.presenter = presenter
    action.person = person
  }
}

/// The group on whose behalf an approval or rejection is given.
struct GroupOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Group to answer for, if you belong to several whose approval is needed.", valueName: "group"))
  var group: String?
}
