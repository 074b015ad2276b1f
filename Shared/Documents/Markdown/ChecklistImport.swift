public import LaunchModel

/// The template items derived from a checklist in Markdown, with what was guessed and what was left out.
///
/// The items depend on the document. If it has tasks (`- [ ]`), these are the items, together with the rows of tables
/// that have a column for the task and one for its owner, due date or status. If it has none, the rows of tables with a
/// column such as Task or Check are the items. If it has neither, the entries of its lists are, except those that
/// contain other entries.
public struct ChecklistImport: Codable, Sendable, Hashable {
  /// A value that the document does not state explicitly.
  public struct Guess: Codable, Sendable, Hashable {
    /// The field of the item, for example `function`.
    public var field: String
    /// The guessed value, for example `marketing`.
    public var value: String
    /// The words from which it was guessed, for example `blog`; nil if it is the default.
    public var from: String?
  }

  /// An item that was imported.
  public struct Item: Codable, Sendable, Hashable {
    /// The line that it is on, from 1.
    public var line: Int
    /// The key assigned to it.
    public var key: ItemKey
    /// What was guessed of it: function, due, gate and ownerRole, in this order.
    public var guesses: [Guess]
  }

  /// A part that looks like a checklist item but is not one.
  public struct LeftOut: Codable, Sendable, Hashable {
    /// The line that it is on, from 1.
    public var line: Int
    /// Its text, truncated if long.
    public var text: String
    /// Why it is not an item.
    public var because: String
  }

  /// The template, which has the imported items alone.
  public private(set) var template: ChecklistTemplate
  /// The items, in the order of the template.
  public private(set) var items: [Item]
  /// What was left out, by line: entries, rows, and cells of rows that became items.
  public private(set) var leftOut: [LeftOut]
  /// The entries around items, by line, which are sections of theirs and no items themselves.
  public private(set) var sections: [LeftOut]

  /// The maximum number of items imported from a file: an adopted template must fit into one message.
  public static let maximumItems = 2_000

  /// Finds the items of a document.
  ///
  /// - Parameters:
  ///   - file: the file's name, for the items' `why`.
  ///   - tiers: the tiers whose launches need the items.
  ///   - version: the version of the template that the imported one replaces, as in an exported file.
  /// - Throws: `invalid` if the document has no items, or more than `maximumItems`.
  public init(of document: MarkdownDocument, file: String, tiers: [Tier], version: Int = 1) throws(Problem) {
    var finder = ChecklistFinder(document)
    let found = finder.find()
    guard !found.isEmpty else {
      throw Problem.invalid(
        "no-items", pointer: "",
        "no items found; an item is a task (- [ ] Load test), a row of a table with a column such as Task or Check, or an "
          + "entry of a list")
    }
    guard found.count <= Self.maximumItems else {
      throw Problem.invalid(
        "too-many-items", pointer: "",
        "the file has \(found.count) items, and at most \(Self.maximumItems) can be imported at once; split it")
    }
    template = ChecklistTemplate(version: version, items: [])
    items = []
    leftOut = finder.leftOut
    sections = finder.sections
    var keys = UniqueKeys()
    for item in found { add(item, key: keys.key(for: item.title, line: item.line), file: file, tiers: tiers) }
    leftOut.sort { $0.line < $1.line }
  }

  private mutating func add(_ found: FoundItem, key: ItemKey, file: String, tiers: [Tier]) {
    let function = FunctionWords.guess(for: found)
    let due = DuePhrase.guess(for: found)
    let rule = due?.rule ?? Self.defaultDue
    let hedge = DuePhrase.hedge(in: found.title)
    // What follows the launch cannot block it, whatever a column says.
    let isAdvisory = rule.offset > 0 || (found.gate.map { $0.kind == .advisory } ?? (hedge != nil))
    var guesses = [
      Guess(field: "function", value: (function?.value ?? .engineering).rawValue, from: function?.word),
      Guess(field: "due", value: rule.description, from: due?.phrase),
    ]
    if rule.offset > 0 {
      if let gate = found.gate, gate.kind == .blocking {
        leftOut.append(
          LeftOut(line: found.line, text: gate.words, because: "an item that is due after the launch cannot block it"))
      }
      guesses.append(Guess(field: "gate", value: GateKind.advisory.rawValue, from: hedge ?? "due after the launch"))
    } else if let gate = found.gate {
      guesses.append(Guess(field: "gate", value: gate.kind.rawValue, from: gate.words))
    } else if let hedge {
      guesses.append(Guess(field: "gate", value: GateKind.advisory.rawValue, from: hedge))
    }
    let role = found.owner.flatMap(FunctionWords.leadRole)
    if let role { guesses.append(Guess(field: "ownerRole", value: role, from: found.owner)) }
    items.append(Item(line: found.line, key: key, guesses: guesses))
    template.items.append(
      TemplateItem(
        key: key, title: found.title, section: found.section ?? "Checklist", function: function?.value ?? .engineering,
        tiers: tiers, ownerRole: role, due: rule, gate: isAdvisory ? .advisory : .blocking,
        requires: [.evidence([.link, .text(characters: 1), .file])],
        phase: rule.offset > 0 ? .after : rule.offset == 0 ? .launchDay : .before, why: found.why(file)))
  }

  /// The due rule of items for which no day is stated.
  public static let defaultDue = DueRule(offset: -5, unit: .business)
}

/// An item as found in the document.
struct FoundItem {
  var line: Int
  var title: String
  /// Further text about it, such as the other sentences of a long entry.
  var details: String?
  /// The headings above it, innermost last.
  var headings: [String]
  /// The entries that it is nested in, innermost last, as far as they are no items themselves.
  var groups: [String] = []
  /// Whether it blocks, if a column states that, with the cell.
  var gate: (kind: GateKind, words: String)?
  /// The cells of the columns for its owner and its due date.
  var owner: String?
  var due: String?
  var links: [String] = []

  /// The heading that it appears under: the two innermost ones, and the two innermost groups.
  var section: String? {
    let parts = headings.suffix(2) + groups.suffix(2)
    return parts.isEmpty ? nil : parts.map { FoundItem.cut($0, to: 80) }.joined(separator: " / ")
  }

  /// Returns its source, and what else the document states about it.
  func why(_ file: String) -> String {
    let source = "Imported from \(file), line \(line)."
    let more = links.filter { $0.contains("://") }
    let text = [source, details, more.isEmpty ? nil : "See \(more.joined(separator: " "))"]
    return TextLimit.line.cutting(text.compactMap(\.self).joined(separator: " "))
  }

  /// Returns the text, truncated at a space and marked with `…` if it is longer than the given number of characters.
  static func cut(_ text: String, to length: Int) -> String {
    guard text.count > length else { return text }
    let start = text.prefix(length)
    return (start.lastIndex(of: " ").map { start[..<$0] } ?? start) + "…"
  }

  /// Returns the first sentence of a text as a title, and the whole text if it is longer.
  static func title(of text: String) -> (title: String, details: String?) {
    var title = text
    if text.count > 100, let end = text.firstRange(of: ". ") { title = String(text[..<end.lowerBound]) }
    title = cut(title, to: 120)
    let details = title == text ? nil : text
    while let last = title.last, ":.;,".contains(last) { title.removeLast() }
    return (title.isEmpty ? text : title, details)
  }
}

/// Keys derived from titles, each used once.
private struct UniqueKeys {
  private var used: Set<ItemKey> = []
  /// The last number that was appended to each slug.
  private var numbers: [ItemKey: Int] = [:]

  /// Returns the title in lower case with hyphens, at most 60 characters, with a number if it is taken; `item-LINE` for
  /// a title without Latin letters and digits.
  mutating func key(for title: String, line: Int) -> ItemKey {
    let words = title.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    var slug = ""
    for word in words {
      guard slug.count + word.count < 56 else { break }
      slug += slug.isEmpty ? "\(word)" : "-\(word)"
    }
    if slug.isEmpty { slug = words.first.map { String($0.prefix(56)) } ?? "item-\(line)" }
    var key = slug
    while !used.insert(key).inserted {
      numbers[slug, default: 1] += 1
      key = "\(slug)-\(numbers[slug] ?? 2)"
    }
    return key
  }
}
