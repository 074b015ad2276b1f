import ArgumentParser
import Contract
import LaunchModel

struct TemplateRecordCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "Show what became of each item on the launches so far.",
    discussion: """
      Covers launches that were decided on or shipped. LEAD is the median and the 80th percentile of the lead time, in \
      business days; MISSED is how many of the measured launches missed a target.
      """,
    examples: [
      "gonogo template record",
      "gonogo template record load-test",
    ])

  @Argument(help: "Item key; default: all items.") var key: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.templateRecord, TemplateRecordRequest(key: key))
  }
}

struct TemplateSuggest: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "suggest", abstract: "Suggest changes that the items' records support.",
    discussion: """
      Needs a record of five launches for an item. With --propose, the item's suggestion becomes a proposal; to cite a \
      launch's learning instead, pass the change to gonogo review learning propose.
      """,
    examples: [
      "gonogo template suggest",
      "gonogo template suggest battle-card --propose",
    ])

  @Argument(help: "Item key; default: all items.") var key: String?
  @Flag(help: "Propose the change that is suggested for the item.") var propose = false
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if propose, key == nil { throw ValidationError("--propose needs the key of an item") }
  }

  func run(in session: Session) async throws {
    let reply = try await session.call(ChecklistRoutes.suggestTemplate, NoParameters())
    guard let key else {
      try session.print(reply)
      return
    }
    var own = reply.value
    own.suggestions.removeAll { $0.key != key }
    own.tooFew.removeAll { $0 != key }
    guard propose else {
      try session.print(own)
      return
    }
    guard let suggestion = own.suggestions.first else {
      let why = own.tooFew.isEmpty ? "its record suggests none" : "it has a record of too few launches"
      throw GatewayError(.no, "no change to propose for \(key): \(why); see gonogo template record \(key)")
    }
    try await session.show(
      ChecklistRoutes.proposeTemplate,
      TemplateProposal(change: suggestion.change.document, reason: suggestion.text))
  }
}

struct TemplateReplayCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Show what a change would have done on the launches so far.",
    discussion: "Stores nothing. An item that no launch has had is judged only by the launches' dates.",
    examples: [
      "gonogo template replay smart-routing-l1",
      "gonogo template replay --file learning.yaml",
    ])

  @Argument(help: "Proposal id; see gonogo template list.") var proposal: String?
  @Option(help: ArgumentHelp("A template change, YAML or JSON; - for standard input.", valueName: "path"))
  var file: String?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard (proposal == nil) != (file == nil) else {
      throw ValidationError("pass either a proposal's id or --file PATH")
    }
  }

  func run(in session: Session) async throws {
    guard let file else {
      try await session.show(ChecklistRoutes.replayTemplate, ReplayTemplate(proposal: proposal))
      return
    }
    let document = try DocumentFile(file, for: .reading)
    try await document.explaining {
      try await session.show(ChecklistRoutes.replayTemplate, ReplayTemplate(change: document.value))
    }
  }
}

extension TemplateRecord: Displayable {
  func display(on page: inout Page) {
    page.heading("Records from \(counted(launches.count, "launch", plural: "launches"))")
    var table = Table(
      columns: [
        .left("item"), .right("n"), .right("late"), .right("waived"), .right("n/a").omittable(0), .right("reopened"),
        .right("failed"), .right("stopped"), .right("overridden").omittable(1), .right("lead"), .right("missed"),
        .left("note"),
      ], whenEmpty: "no items")
    table.rows = items.map(\.row)
    page.table(table)
    if items.count == 1, let item = items.first { item.displayDetails(on: &page) }
    page.bullets(missing.map { Text("not known: \($0)", .warning) })
  }
}

extension ItemRecord {
  fileprivate var row: [Text] {
    let lead = leadTime.map { Text("\($0.median.digits(1)) / \($0.high)") } ?? Text("-", .faint)
    let missed = followed.measured == 0 ? Text("-", .faint) : Text("\(followed.missed)/\(followed.measured)")
    let notes = [isCurrent ? nil : "no longer in the template", tooFew ? "too few" : nil].compactMap(\.self)
    let counts = [late, waived, notApplicable, reopened, failed, stopped, overridden].map {
      Text($0, $0 == 0 ? .faint : .plain)
    }
    return [Text(key), Text(launches)] + counts + [lead, missed, Text(notes.joined(separator: ", "), .faint)]
  }

  /// Adds the details for which the table has no space.
  fileprivate func displayDetails(on page: inout Page) {
    page.fields([
      "Instances": Text(instances),
      "Reopened within 5 business days before the launch": Text(reopenedLate),
      "Measured launches on which it was late, waived or overridden":
        Text("\(followed.troubled), of which \(followed.troubledMissed) missed a target"),
      "Tickets (median)": followed.tickets.map { Text($0.digits(1)) },
    ])
  }
}

extension TemplateSuggestions: Displayable {
  func display(on page: inout Page) {
    if suggestions.isEmpty {
      page.paragraph(Text("nothing to suggest from \(counted(launches, "launch", plural: "launches"))", .faint))
    }
    for suggestion in suggestions {
      page.heading("\(suggestion.key): \(suggestion.kind.rawValue) (n = \(suggestion.n))")
      page.paragraph(Text(suggestion.text))
      page.bullets([
        Text("change: \(suggestion.change.detail)"),
        Text("propose it: gonogo template suggest \(suggestion.key) --propose", .faint),
      ])
    }
    let few = tooFew.isEmpty ? [] : [Text(tooFew.joined(separator: ", "), .faint)]
    page.section("Too few launches (fewer than 5)", few)
  }
}

extension TemplateChange {
  /// The change of one item in words.
  fileprivate var detail: String {
    (replace.map { "\($0.key) becomes \($0.gate.rawValue), due \($0.due)" } + remove.map { "\($0) is removed" })
      .joined(separator: "; ")
  }
}

extension TemplateReplay: Displayable {
  func display(on page: inout Page) {
    for item in items {
      page.heading("\(item.key) (\(item.change.rawValue))")
      page.paragraph(Text(item.text))
      if item.basis == .dates, !item.launches.isEmpty {
        page.paragraph(
          Text(
            "No launch had this item: it counts as having stopped those whose checklist was created after "
              + "its due day.", .faint))
      }
      var table = Table(
        columns: [
          .left("launch"), .left("date"), .left("due"), .left("now"), .left("then"), .right("days"), .left("missed"),
        ], whenEmpty: "no launch needs it")
      table.rows = item.launches.map(\.row)
      page.table(table)
    }
    page.bullets(missing.map { Text("not known: \($0)", .warning) })
  }
}

extension LaunchReplay {
  fileprivate var row: [Text] {
    let outcome = missed.map { Text($0.isEmpty ? "-" : $0.joined(separator: ", "), $0.isEmpty ? .faint : .bad) }
    return [
      Text(launch), Text(date), Text((after ?? before)?.due), before.label, after.label, Text((after ?? before)?.days),
      outcome ?? Text("not known", .faint),
    ]
  }
}

extension LaunchReplay.Effect? {
  fileprivate var label: Text {
    switch self {
    case nil: Text("-", .faint)
    case let effect? where effect.stops: Text("stopped", .bad)
    case let effect?: effect.late ? Text("late", .warning) : Text("in time", .good)
    }
  }
}
