import LaunchModel

/// A text as lower-case words separated by single spaces, for finding whole words and phrases.
struct PlainWords {
  private var text: String

  init(_ text: String) {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
    self.text = " \(words.joined(separator: " ")) "
  }

  /// Returns whether it contains a word or phrase, given in lower case with single spaces.
  func contains(_ phrase: String) -> Bool { text.contains(" \(phrase) ") }

  /// Whether it is a phrase and nothing else.
  func isEqual(to phrase: String) -> Bool { text == " \(phrase) " }

  /// Removes a word or phrase wherever it is.
  mutating func remove(_ phrase: String) {
    while let range = text.firstRange(of: " \(phrase) ") { text.replaceSubrange(range, with: " ") }
  }

  /// Whether it has no words.
  var isEmpty: Bool { text.allSatisfy { $0 == " " } }

  /// Whether it begins with a word or phrase.
  func begins(with phrase: String) -> Bool { text.hasPrefix(" \(phrase) ") }

  /// Returns whether it ends with a word or phrase.
  func ends(with phrase: String) -> Bool { text.hasSuffix(" \(phrase) ") }
}

/// The words from which an item's function is guessed.
enum FunctionWords {
  /// Ordered so that a function whose phrases contain words of another function comes before it.
  private static let words: [(LaunchFunction, [String])] = [
    (.productOps, ["product ops", "product operations", "program manager", "launch manager", "all hands", "go no go"]),
    (.cs, ["customer success", "account management", "csm", "cs"]),
    (.support, ["customer support", "support", "help desk", "helpdesk", "knowledge base", "faq", "support macro"]),
    (.sales, ["sales", "battle card", "account executive", "account executives"]),
    (
      .marketing,
      [
        "marketing", "product marketing", "press", "social media", "campaign", "blog", "webinar", "newsletter", "comms",
        "communications", "announcement", "announcements",
      ]
    ),
    (
      .engineering,
      [
        "engineering", "engineer", "engineers", "developer", "developers", "development", "backend", "frontend",
        "devops", "sre", "infrastructure", "deployment", "security", "qa", "reliability", "observability", "monitoring",
      ]
    ),
    (.product, ["product", "product management", "pm", "design", "ux", "docs", "documentation", "release notes"]),
  ]

  /// Returns the function named by an item's owner, headings or title, in this order, with the innermost heading first.
  static func guess(for item: FoundItem) -> (value: LaunchFunction, word: String)? {
    let around = [item.owner].compactMap(\.self) + item.groups.reversed() + item.headings.reversed()
    for text in around + [item.title] {
      let plain = PlainWords(text)
      for (function, words) in words {
        if let word = words.first(where: plain.contains) { return (function, word) }
      }
    }
    return nil
  }

  /// The role of a function's lead, if an owner's cell is that: `engineering-lead` for Engineering lead.
  static func leadRole(in owner: String) -> String? {
    LaunchFunction.allCases.map { "\($0.rawValue)-lead" }.first { role in
      PlainWords(owner).isEqual(to: role.replacing("-", with: " "))
    }
  }

  /// Whether an owner's cell names more than functions, such as a person.
  static func hasMore(in owner: String) -> Bool {
    var rest = PlainWords(owner)
    for phrase in words.flatMap({ $0.1 }).sorted(by: { $0.count > $1.count }) { rest.remove(phrase) }
    for word in ["team", "teams", "lead", "leads", "department", "and", "the"] { rest.remove(word) }
    return !rest.isEmpty
  }
}

/// The phrases from which an item's due day is guessed.
enum DuePhrase {
  /// Returns the due rule stated in an item's due column, title or headings, in this order, with the innermost heading
  /// first.
  static func guess(for item: FoundItem) -> (rule: DueRule, phrase: String)? {
    if let found = item.due.flatMap({ rule(in: $0, isDueColumn: true) }) { return found }
    if let found = rule(in: item.title, isDueColumn: false) ?? day(in: item.title) { return found }
    for text in item.groups.reversed() + item.headings.reversed() {
      if let found = rule(in: text, isDueColumn: false) ?? afterwards(in: PlainWords(text)) { return found }
    }
    return nil
  }

  /// Returns the word that marks an item as desirable rather than required; nil if there is none.
  static func hedge(in title: String) -> String? {
    let words = PlainWords(title)
    return ["optional", "optionally", "nice to have", "ideally", "if possible", "consider"].first(where: words.contains)
  }

  /// Whether the text of a due column states a day relative to the launch.
  static func isRule(_ cell: String) -> Bool { rule(in: cell, isDueColumn: true) != nil }

  /// Whether a text is a date, such as `2027-03-02`, `02.03.2027` or `March 2`.
  static func isDate(_ text: String) -> Bool {
    if text.contains(/\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[.\/]\d{1,2}[.\/]\d{2,4}\b/) { return true }
    let words = PlainWords(text)
    let months = [
      "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
      "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    ]
    return text.contains(where: \.isNumber) && months.contains(where: words.contains)
  }

  /// - Parameter isDueColumn: whether the text is about nothing but the due day, so that it need not name the launch.
  private static func rule(in text: String, isDueColumn: Bool) -> (DueRule, String)? {
    if let found = span(in: text, isDueColumn: isDueColumn) { return found }
    // `T-5`, `T-10bd`, `L+2 weeks`, `D-1`.
    let countdown = /\b[TLD] ?([-−–+]) ?(\d{1,3})(?: ?(bd|wd|business day|working day|d|w|day|week|month)s?\b)?/
    if let match = text.firstMatch(of: countdown) {
      let unit = String(match.3 ?? "day")
      let isBusiness = ["bd", "wd", "business day", "working day"].contains(unit)
      let found = rule(
        Int(match.2) ?? 0, isBusiness ? "day" : unit, isBusiness: isBusiness, isAfter: match.1 == "+")
      return (found, String(match.0))
    }
    let words = PlainWords(text)
    let onDay = ["launch", "release", "go live", "cut", "rollout", "event"].flatMap {
      ["day of \($0)", "day of the \($0)", "\($0) day"]
    }
    if let phrase = onDay.first(where: words.contains) { return (DueRule(offset: 0, unit: .business), phrase) }
    return isDueColumn ? afterwards(in: words) : nil
  }

  private static let events: Set<String> = [
    "launch", "release", "live", "rollout", "cut", "ga", "announcement", "event",
  ]

  /// Parses `2 weeks before launch` or `5 business days prior to the release`; for `3-4 days after launch`, takes the
  /// higher number.
  private static func span(in text: String, isDueColumn: Bool) -> (DueRule, String)? {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    for (start, word) in words.enumerated() {
      guard let count = Int(word), (0...999).contains(count) else { continue }
      var rest = words[(start + 1)...]
      let isBusiness = rest.first == "business" || rest.first == "working"
      if isBusiness || rest.first == "calendar" { rest.removeFirst() }
      guard let unit = rest.popFirst(), ["day", "days", "week", "weeks", "month", "months"].contains(unit),
        let direction = rest.popFirst(),
        ["before", "prior", "ahead", "after", "post", "following"].contains(direction),
        isDueColumn || rest.prefix(4).contains(where: events.contains)
      else { continue }
      let other = start > 0 ? Int(words[start - 1]).flatMap { (0...999).contains($0) ? $0 : nil } : nil
      let isAfter = ["after", "post", "following"].contains(direction)
      let phrase = words[start..<rest.startIndex].joined(separator: " ")
      return (rule(max(count, other ?? 0), unit, isBusiness: isBusiness, isAfter: isAfter), phrase)
    }
    return nil
  }

  /// Recognizes a due day after the launch without a number of days.
  private static func afterwards(in words: PlainWords) -> (DueRule, String)? {
    let phrases = ["launch", "release", "go live", "rollout", "event"].flatMap {
      ["after \($0)", "after the \($0)", "post \($0)", "following the \($0)"]
    }
    return phrases.first(where: words.contains).map { (DueRule(offset: 1, unit: .business), $0) }
  }

  /// Recognizes a due day after the launch in a title that begins or ends with the phrase; within a sentence, it may be
  /// about something else.
  private static func day(in title: String) -> (DueRule, String)? {
    guard let found = afterwards(in: PlainWords(title)) else { return nil }
    let words = PlainWords(title)
    return words.begins(with: found.1) || !title.hasSuffix("…") && words.ends(with: found.1) ? found : nil
  }

  private static func rule(_ count: Int, _ unit: String, isBusiness: Bool, isAfter: Bool) -> DueRule {
    let days = unit.hasPrefix("w") ? 7 : unit.hasPrefix("m") ? 30 : 1
    let offset = min(999, count * days) * (isAfter ? 1 : -1)
    return DueRule(offset: offset, unit: offset == 0 || isBusiness && days == 1 ? .business : .calendar)
  }
}
