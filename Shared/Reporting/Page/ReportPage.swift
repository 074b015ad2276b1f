/// A report as sections with headings, independent of the output format.
struct ReportPage: Sendable {
  /// The name of its subject, for example `Smart routing`.
  var title: String
  /// The facts in one line, for example `tier 1 · shipped 2 Mar 2027 · GO by dana`.
  var facts: [String]
  /// The conclusion in a word or two, for example `Worked in part`.
  var conclusion: String
  var tone: Tone
  /// Sentences that explain the conclusion.
  var lead: [String]
  var tiles: [Tile]
  /// The parts that are missing from the page, each with the reason.
  var missing: [String]
  var sections: [Section]
  /// The origin of the page.
  var footer: [String]

  /// A figure to be seen at a glance.
  struct Tile: Sendable {
    var label: String
    var value: String
    var detail: String
    var mark: Mark?
  }

  /// A word with a symbol, so that its meaning does not depend on colour.
  struct Mark: Sendable {
    var symbol: String
    var word: String
    var tone: Tone

    init(_ symbol: String, _ word: String, _ tone: Tone) {
      self.symbol = symbol
      self.word = word
      self.tone = tone
    }
  }

  /// A part of the page under its own heading.
  struct Section: Sendable {
    /// The id for links, unique on the page: `adoption`.
    var id: String
    var title: String
    /// Whether it may share a row of a wide page with the next section.
    var isHalf: Bool
    var blocks: [Block]

    init(_ id: String, _ title: String, isHalf: Bool = false, _ blocks: [Block]) {
      self.id = id
      self.title = title
      self.isHalf = isHalf
      self.blocks = blocks
    }
  }

  enum Block: Sendable {
    case text(String)
    /// A sentence instead of content that does not exist or is unknown.
    case absence(String)
    case list([String])
    case table(Table)
    case chart(any Chart)
    /// What few readers need, folded until one asks for it; within it no other one.
    case details(String, [Block])
  }

  struct Table: Sendable {
    struct Column: Sendable {
      /// What its cells hold, by which they are laid out.
      enum Content: String {
        case words
        /// Aligned on the right.
        case number
        /// Never broken into lines.
        case date
      }

      var title: String
      var content = Content.words
    }

    var columns: [Column]
    var rows: [[Cell]]

    /// - Parameter columns: their titles; one that starts with `#` holds numbers, one that starts with `@` dates.
    init(_ columns: [String], _ rows: [[Cell]]) {
      self.columns = columns.map { title in
        switch title.first {
        case "#": Column(title: String(title.dropFirst()), content: .number)
        case "@": Column(title: String(title.dropFirst()), content: .date)
        default: Column(title: title)
        }
      }
      self.rows = rows
    }
  }

  /// A cell of a table: text, or a mark followed by text.
  struct Cell: Sendable, ExpressibleByStringInterpolation {
    var text: String
    var mark: Mark?

    init(_ text: String?, mark: Mark? = nil) {
      self.text = text ?? ""
      self.mark = mark
    }

    init(_ mark: Mark) { self.init(nil, mark: mark) }

    init(stringLiteral value: String) { self.init(value) }

    /// The cell as plain text: `✓ ready`.
    var plain: String {
      guard let mark else { return text }
      return ["\(mark.symbol) \(mark.word)", text].filter { !$0.isEmpty }.joined(separator: " ")
    }
  }
}

/// How good or bad a piece of news is, shown by colour and always by a symbol, too.
enum Tone: String, Sendable {
  case good, bad, warning, neutral
}
