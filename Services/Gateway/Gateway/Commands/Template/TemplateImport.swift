import ArgumentParser
import Contract
import Documents
import JSON
import LaunchModel
import Messaging

struct TemplateImport: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Turn a Markdown checklist into a template file.",
    discussion: """
      Items are the tasks of the file (- [ ] Load test); if it has none, the rows of tables with a column such as Task or \
      Check; if it has none, the entries of its lists. Prints the template and, to stderr, what was guessed or left out, \
      by line. Nothing is adopted, and adopting the file would replace the whole template. Needs no service; if the \
      checklist runs, the file gets the version that it would replace.
      """,
    examples: [
      "gonogo template import launch-checklist.md --out template.yaml",
      "gonogo template import launch-checklist.md --tiers 0,1,2 --output json",
    ])

  @Argument(help: "Markdown file; - for standard input.") var file: String
  @Option(help: ArgumentHelp("Write the template to PATH, and print the report.", valueName: "path")) var out: String?
  @OptionGroup var overwriting: OverwriteOption
  @Option(help: ArgumentHelp("Tiers that need the items, e.g. 0,1,2; default: 0,1.", valueName: "tiers"))
  var tiers: CommaSeparated?
  @OptionGroup var global: GlobalOptions

  func validate() throws { _ = try chosenTiers() }

  private func chosenTiers() throws -> [Tier] {
    guard let tiers else { return [.launchEvent, .major] }
    let chosen = tiers.values.compactMap(Tier.init(argument:))
    guard chosen.count == tiers.values.count, Set(chosen).count == chosen.count else {
      let given = tiers.values.joined(separator: ",")
      throw ValidationError("--tiers \(given): name tiers from 0 to 3, each once, e.g. 0,1")
    }
    return chosen.sorted()
  }

  func run(in session: Session) async throws {
    let target = try out.map { path throws(GatewayError) in
      try OutputFile(path, option: "--out", overwrites: overwriting.force)
    }
    let imported = try read(chosenTiers(), replacing: try await Self.currentVersion(in: session) ?? 1)
    let yaml = try YAMLText.of(imported.template.document)
    if let out, let target {
      try target.write(yaml)
      try session.print(imported)
      session.console.note("wrote \(out); review it, then adopt it with gonogo template adopt --file \(out)")
    } else if session.renderer.format == .json {
      try session.print(imported)
    } else {
      session.console.write(yaml)
      if !session.console.isQuiet { session.console.diagnostics.write(session.text(of: imported)) }
    }
  }

  /// The version of the adopted template, from which adopting the file counts on; nil if no service answers, because
  /// the command needs none.
  private static func currentVersion(in session: Session) async throws -> Int? {
    do {
      let reply = try await session.connections.client(of: .checklist).call(
        method: ChecklistRoutes.listTemplates.method, params: try JSONCoding.encode(NoParameters()),
        meta: CallMeta(onBehalfOf: session.onBehalfOf), timeout: min(session.timeout, askingTimeout), idempotent: true)
      return try JSONCoding.decode(TemplateList.self, from: reply.result).current
    } catch is Problem {
      return nil
    } catch is GatewayError {
      // Its endpoint cannot be used, which the commands that need it report.
      return nil
    }
  }

  private static let askingTimeout = Duration.milliseconds(500)

  /// The items of the file, as a template that can be adopted.
  private func read(_ tiers: [Tier], replacing version: Int) throws -> ChecklistImport {
    let input = InputFile(file)
    let bytes = try input.bytes()
    do throws(Problem) {
      let imported = try ChecklistImport(
        of: try MarkdownDocument(parsing: bytes), file: input.name, tiers: tiers, version: version)
      _ = try ChecklistTemplate(reading: imported.template.document)
      return imported
    } catch {
      throw GatewayError(error, file: input.name)
    }
  }
}

extension ChecklistImport: Displayable {
  func display(on page: inout Page) {
    let around = sections.isEmpty ? "" : ", \(counted(sections.count, "entry", plural: "entries")) made a section"
    page.heading(Text("\(counted(items.count, "item")) imported, \(leftOut.count) left out\(around)"))
    var table = Table(columns: [.right("line"), .flexible("item"), .left("function"), .left("due"), .left("gate")])
    table.rows = items.map { item in
      [Text(item.line), Text(item.key), item.shown("function"), item.shown("due"), item.shown("gate")]
    }
    page.table(table)
    for (title, entries) in [("Sections", sections), ("Left out", leftOut)] where !entries.isEmpty {
      page.heading(Text(title))
      var rest = Table(columns: [.right("line"), .flexible("text"), .left("why")])
      rest.rows = entries.map { [Text($0.line), Text($0.text), Text($0.because)] }
      page.table(rest)
    }
  }
}

extension ChecklistImport.Item {
  /// Returns a guessed value with the words from which it was guessed; a gate without a guess is blocking.
  fileprivate func shown(_ field: String) -> Text {
    guard let guess = guesses.first(where: { $0.field == field }) else {
      return Text("\(GateKind.blocking.rawValue) (default)", .faint)
    }
    guard let words = guess.from else { return Text("\(guess.value) (default)", .faint) }
    return Text("\(guess.value) (\"\(words)\")")
  }
}
