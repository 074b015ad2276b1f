/// A report as headed sections, independent of the format that it is written in.
struct ReportPage: Sendable {
  /// The name of what it is about, for example `Smart routing`.
  var title: String
  /// The facts in one line, for example `tier 1 · shipped 2 Mar 2027 · GO by dana`.
  var facts: [String]
  /// The conclusion in a word or two, for example `Worked in part`.
  var conclusion: String
  var tone: Tone
  /// Sentences that explain the conclusion.
  var lead: [String]
  var tiles: [Tile]
  /// What is not on the page, and why.
  var missing: [String]
  var sections: [Section]
  /// Where the page comes from.
  var footer: [String]

  /// A figure to take in at a glance.
  struct Tile: Sendable {
    var label: String
    var value: String
    var detail: String
    var mark: Mark?
  }

  /// A word with a symbol, so that it does not depend on its colour.
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

  /// A part of the page below a heading.
  struct Section: Sendable {
    /// Unique on the page, for links: `adoption`.
    var id: String
    var title: String
    /// Whether it shares a line of a wide page with the next one.
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
    /// A sentence in place of content that there is none of, or that is not known.
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

  /// A cell of a table: text, or a mark with text after it.
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

/// Whether something is good news; shown by colour, and always by a symbol too.
enum Tone: String, Sendable {
  case good, bad, warning, neutral
}
