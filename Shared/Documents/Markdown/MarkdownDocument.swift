import CMarkdown
public import LaunchModel
import Synchronization

/// The headings, list entries and tables of a Markdown file (GitHub Flavored Markdown), in their order and as plain
/// text.
///
/// Links, code and emphasis are reduced to their text, and comments are dropped, as are escape sequences and control
/// characters. YAML front matter and a byte order mark are skipped.
public struct MarkdownDocument: Sendable {
  /// A heading.
  public struct Heading: Sendable, Hashable {
    /// The line on which it starts, from 1.
    public var line: Int
    /// The level, from 1 (most important) to 6.
    public var level: Int
    /// The text, without the check box.
    public var text: String
    /// Whether it has a check box: `## [ ] Load test`.
    public var isTask = false
    /// Whether all of the text of a task is struck through.
    public var isStruck = false
    /// The targets of the links in it.
    public var links: [String] = []
  }

  /// An entry of a list.
  public struct Entry: Sendable, Hashable {
    /// The line on which it starts, from 1.
    public var line: Int
    /// The index in `blocks` of the entry that it is nested in; nil if it is not nested.
    public var parent: Int?
    /// Whether it has a check box, such as `[ ]` or `☐`.
    public var isTask: Bool
    /// The text of its first paragraph, without the check box.
    public var text = ""
    /// Whether all of the text is struck through.
    public var isStruck = false
    /// The targets of the links in it.
    public var links: [String] = []
  }

  /// A table.
  public struct Table: Sendable, Hashable {
    /// One row below the header.
    public struct Row: Sendable, Hashable {
      /// The line of the row, from 1.
      public var line: Int
      /// One cell for each column.
      public var cells: [String]
      /// The targets of the links in it.
      public var links: [String]
      /// For each cell, whether all of its text is struck through.
      public var struck: [Bool] = []
    }
    /// The line of the header, from 1.
    public var line: Int
    /// The cells of the header.
    public var columns: [String]
    /// The rows below it.
    public var rows: [Row]
  }

  /// A comment, a piece of HTML or a code block that contains tasks, which are therefore not list entries.
  public struct Hidden: Sendable, Hashable {
    /// The line on which it starts, from 1.
    public var line: Int
    /// The number of tasks in it.
    public var tasks: Int
    /// The kind of block, for example `a comment`.
    public var kind: String
  }

  /// A part of the document.
  public enum Block: Sendable, Hashable {
    case heading(Heading)
    case entry(Entry)
    case table(Table)
    case hidden(Hidden)
  }

  /// The parts in document order; a nested entry follows the one that contains it.
  public let blocks: [Block]

  /// The maximum size of a file in bytes: 1 MiB.
  public static let maximumBytes = 1 << 20

  /// The maximum number of table cells in a file. The parser pads short rows to the header's width, so that a small
  /// file can produce very many cells.
  private static let maximumCells = 1_000_000

  /// Parses a file.
  ///
  /// - Throws: `tooLarge` beyond `maximumBytes`; `invalid` with the line of the error: invalid UTF-8, U+0000, or tables
  ///   with too many cells.
  public init(parsing bytes: [UInt8]) throws(Problem) {
    guard bytes.count <= Self.maximumBytes else {
      throw .tooLarge("the file is \(bytes.count) bytes long; the maximum for Markdown is \(Self.maximumBytes)")
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if let index = lines.firstIndex(where: { $0.contains(0) }) {
      throw Self.problem(index, "the line contains the character U+0000; remove it, or save the file as text in UTF-8")
    }
    if String(validating: bytes, as: UTF8.self) == nil,
      let index = lines.firstIndex(where: { String(validating: $0, as: UTF8.self) == nil })
    {
      throw Self.problem(index, "the file is not valid UTF-8; save it as UTF-8")
    }
    let bars = lines.map { line in line.count { $0 == UInt8(ascii: "|") } }
    if let most = bars.max(), most * lines.count > Self.maximumCells, let index = bars.firstIndex(of: most) {
      throw Self.problem(
        index,
        "the line has \(most) column separators; times the \(lines.count) lines of the file, that is more than "
          + "\(Self.maximumCells) cells: split the file")
    }
    blocks = Self.parser.withLock { isReady in
      if !isReady { cmark_gfm_core_extensions_ensure_registered() }
      isReady = true
      return Self.blocks(of: Self.withoutFrontMatter(lines))
    }
  }

  private static func problem(_ index: Int, _ detail: String) -> Problem {
    .invalid(
      "unreadable-document", title: "the file cannot be parsed",
      errors: [FieldError(pointer: "", line: index + 1, detail: detail)])
  }

  /// Returns the text with front matter replaced by blank lines, so that later line numbers stay correct.
  private static func withoutFrontMatter(_ lines: [ArraySlice<UInt8>]) -> [UInt8] {
    var lines = lines
    if lines[0].starts(with: SourceDocument.byteOrderMark) {
      lines[0] = lines[0].dropFirst(SourceDocument.byteOrderMark.count)
    }
    func isRule(_ line: ArraySlice<UInt8>) -> Bool {
      let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      return text.elementsEqual("---".utf8)
    }
    if isRule(lines[0]), let end = lines.dropFirst().firstIndex(where: isRule) {
      for index in 0...end { lines[index] = [] }
    }
    return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }

  /// Locked while a text is parsed, because cmark stores the special characters of extensions in global variables; the
  /// value is whether the extensions are registered.
  private static let parser = Mutex(false)

  private static func blocks(of text: [UInt8]) -> [Block] {
    guard let parser = cmark_parser_new(CMARK_OPT_DEFAULT) else { return [] }
    defer { cmark_parser_free(parser) }
    for name in ["table", "tasklist", "strikethrough"] {
      if let known = cmark_find_syntax_extension(name) { cmark_parser_attach_syntax_extension(parser, known) }
    }
    text.withUnsafeBytes { bytes in
      cmark_parser_feed(parser, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
    }
    guard let root = cmark_parser_finish(parser) else { return [] }
    defer { cmark_node_free(root) }
    guard let iterator = cmark_iter_new(root) else { return [] }
    defer { cmark_iter_free(iterator) }
    var reader = MarkdownBlockReader()
    while true {
      let event = cmark_iter_next(iterator)
      guard event != CMARK_EVENT_DONE, let node = cmark_iter_get_node(iterator) else { return reader.blocks }
      if event == CMARK_EVENT_ENTER { reader.enter(node) } else { reader.leave(node) }
    }
  }
}

extension MarkdownDocument {
  /// The tasks of a table's cell, such as `- [ ] a<br>- [ ] b`, whose line breaks are spaces by now, and the text
  /// before the first of them.
  static func tasks(ofCell text: String) -> (lead: String, tasks: [String]) {
    let marker = /(?:^| )[-*+•] (?:\[[ xX]?\]|☐|☑)(?= |$)/
    let parts = text.split(separator: marker, omittingEmptySubsequences: false).map {
      String($0.drop { $0 == " " })
    }
    if parts.count > 1 { return (parts[0], parts.dropFirst().filter { !$0.isEmpty }) }
    let (isTask, rest) = MarkdownBlockReader.splitCheckBox(text)
    return isTask && !rest.isEmpty && text.hasPrefix("[") ? ("", [rest]) : (rest, [])
  }

  /// Whether a cell has nothing but a check box, and whether that is ticked; nil for other cells.
  static func isTicked(_ cell: String) -> Bool? {
    let (isTask, rest) = MarkdownBlockReader.splitCheckBox(cell)
    guard isTask, rest.isEmpty else { return nil }
    return !["[ ]", "[]", "☐", "⬜"].contains(cell)
  }
}

/// Builds the blocks of a document from the nodes that cmark visits.
private struct MarkdownBlockReader {
  /// A text that is being collected.
  private struct Text {
    var plain = ""
    /// What of it is not struck through.
    var unstruck = ""
  }

  var blocks: [MarkdownDocument.Block] = []
  /// The list entries that contain the current node, outermost first, with their indices in `blocks`.
  private var open: [(index: Int, entry: MarkdownDocument.Entry, hasText: Bool)] = []
  private var table: MarkdownDocument.Table?
  private var row: MarkdownDocument.Table.Row?
  private var text: Text?
  /// The targets of the links in the present heading; nil outside headings.
  private var headingLinks: [String]?
  /// How many images are around the present node, whose texts are not shown.
  private var images = 0
  /// The number of struck-through spans that contain the current node.
  private var strikes = 0

  /// Handles the start of a node; a node without children has no end.
  mutating func enter(_ node: OpaquePointer) {
    let line = Int(cmark_node_get_start_line(node))
    switch Self.kind(of: node) {
    case "item", "tasklist":
      let isTask = Self.kind(of: node) == "tasklist"
      let entry = MarkdownDocument.Entry(line: line, parent: open.last?.index, isTask: isTask)
      open.append((blocks.count, entry, false))
      blocks.append(.entry(entry))
    case "heading":
      text = Text()
      headingLinks = []
    case "paragraph": if open.last?.hasText == false, table == nil { text = Text() }
    case "table": table = MarkdownDocument.Table(line: line, columns: [], rows: [])
    case "table_header", "table_row": row = MarkdownDocument.Table.Row(line: line, cells: [], links: [])
    case "table_cell": text = Text()
    case "image": images += 1
    case "strikethrough": strikes += 1
    case "link": add(link: Self.string(cmark_node_get_url(node)))
    case "text", "code": add(Self.string(cmark_node_get_literal(node)))
    case "softbreak", "linebreak": add(" ")
    case "html_inline": if Self.string(cmark_node_get_literal(node)).hasPrefix("<br") { add(" ") }
    case "html_block", "code_block": hide(node, line: line)
    default: break
    }
  }

  /// Handles the end of a node with children.
  mutating func leave(_ node: OpaquePointer) {
    switch Self.kind(of: node) {
    case "item", "tasklist":
      if let last = open.popLast() { blocks[last.index] = .entry(last.entry) }
    case "heading":
      leaveHeading(line: Int(cmark_node_get_start_line(node)), level: Int(cmark_node_get_heading_level(node)))
    case "paragraph":
      guard text != nil, !open.isEmpty else { return }
      let taken = take()
      let (isTask, rest) = Self.splitCheckBox(taken.plain)
      open[open.count - 1].hasText = true
      open[open.count - 1].entry.text = rest
      open[open.count - 1].entry.isStruck = !rest.isEmpty && taken.isStruck
      if isTask { open[open.count - 1].entry.isTask = true }
    case "table_cell":
      let cell = take()
      row?.cells.append(cell.plain)
      row?.struck.append(cell.isStruck)
    case "table_header":
      table?.columns = row?.cells ?? []
      row = nil
    case "table_row":
      if let row { table?.rows.append(row) }
      row = nil
    case "table":
      if let table { blocks.append(.table(table)) }
      table = nil
    case "image": images -= 1
    case "strikethrough": strikes -= 1
    default: break
    }
  }

  private mutating func leaveHeading(line: Int, level: Int) {
    let (plain, isStruck) = take()
    // A picture such as ✅ before a heading is no check box.
    let (isTask, rest) = plain.hasPrefix("[") ? Self.splitCheckBox(plain) : (false, plain)
    let heading = MarkdownDocument.Heading(
      line: line, level: level, text: rest, isTask: isTask, isStruck: isTask && isStruck, links: headingLinks ?? [])
    headingLinks = nil
    if !rest.isEmpty || isTask { blocks.append(.heading(heading)) }
  }

  private mutating func add(_ part: String) {
    guard images == 0, text != nil else { return }
    text?.plain += part
    if strikes == 0 { text?.unstruck += part }
  }

  private mutating func add(link target: String) {
    let link = Self.withoutControls(target)
    if row != nil {
      row?.links.append(link)
    } else if headingLinks != nil {
      headingLinks?.append(link)
    } else if !open.isEmpty {
      open[open.count - 1].entry.links.append(link)
    }
  }

  /// The collected text, and whether all of it but a check box is struck through.
  private mutating func take() -> (plain: String, isStruck: Bool) {
    let taken = text ?? Text()
    text = nil
    let (plain, unstruck) = (Self.collapsed(taken.plain), Self.collapsed(taken.unstruck))
    let hasBullet = ["- ", "* ", "+ "].contains { unstruck.hasPrefix($0) }
    let withoutBullet = hasBullet ? unstruck.dropFirst(2) : unstruck[...]
    return (plain, !plain.isEmpty && Self.splitCheckBox(String(withoutBullet)).rest.isEmpty)
  }

  /// The text with single spaces and without shortcodes such as `:wrench:`.
  private static func collapsed(_ text: String) -> String {
    let words: [Substring] = withoutControls(text).split(whereSeparator: \.isWhitespace)
    return words.filter { !isShortcode($0) }.joined(separator: " ")
  }

  /// The text without what acts on a terminal: escape sequences, control characters and marks of direction.
  private static func withoutControls(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var kept = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if scalar.value == 0x1b, rest.first?.value == 0x5b {
        // `ESC [`, parameters, and a last character from @ to ~.
        rest = rest.dropFirst().drop { (0x20...0x3f).contains($0.value) }
        if let last = rest.first, (0x40...0x7e).contains(last.value) { rest = rest.dropFirst() }
      } else if scalar.properties.isWhitespace {
        kept.append(" ")
      } else if !isControl(scalar) {
        kept.append(scalar)
      }
    }
    return String(kept)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
    default: scalar.properties.generalCategory == .control
    }
  }

  /// Returns whether a word is a shortcode for a picture, such as `:wrench:`.
  private static func isShortcode(_ word: Substring) -> Bool {
    guard word.count > 2, word.first == ":", word.last == ":" else { return false }
    return word.dropFirst().dropLast().allSatisfy { $0.isLetter || $0.isNumber || "_+-".contains($0) }
  }

  /// Records a block whose tasks are hidden, if it has any.
  private mutating func hide(_ node: OpaquePointer, line: Int) {
    let literal = Self.string(cmark_node_get_literal(node))
    let tasks = literal.split(separator: "\n").count { $0.contains("[ ] ") || $0.contains("[x] ") }
    guard tasks > 0 else { return }
    let isComment = literal.drop(while: \.isWhitespace).hasPrefix("<!--")
    let kind = Self.kind(of: node) == "code_block" ? "a code block" : isComment ? "a comment" : "HTML"
    blocks.append(.hidden(MarkdownDocument.Hidden(line: line, tasks: tasks, kind: kind)))
  }

  /// Returns whether a text starts with a check box that the parser does not recognize, and the text after it.
  fileprivate static func splitCheckBox(_ text: String) -> (isTask: Bool, rest: String) {
    for box in ["[ ]", "[]", "[x]", "[X]", "☐", "☑", "✅", "⬜"] where text.hasPrefix(box) {
      // `[x](…)` and `[x]: …` are links; `[]: a` is text.
      guard box.count == 1 || text.count == box.count || text.dropFirst(box.count).first == " " else { continue }
      return (true, String(text.dropFirst(box.count).drop { $0 == " " }))
    }
    return (false, text)
  }

  private static func kind(of node: OpaquePointer) -> String { string(cmark_node_get_type_string(node)) }

  private static func string(_ text: UnsafePointer<CChar>?) -> String { text.map { String(cString: $0) } ?? "" }
}
