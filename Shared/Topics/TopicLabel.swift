/// Readable labels for topics: a phrase that the topic's tickets use and other tickets do not.
enum TopicLabel {
  /// The maximum number of texts to read from each topic, and from the tickets outside topics.
  private static let sample = 200
  private static let outsideSample = 1_000
  private static let length = 60

  /// Gives each topic a unique label, and its id.
  ///
  /// - Parameters:
  ///   - texts: The distinct texts of each topic, as indices of `all`.
  static func name(_ topics: inout [Topic], texts: [[Int]], all: DistinctTexts, _ tickets: [TopicTicket]) {
    let inTopics = Set(texts.joined())
    let outside = all.keys.indices.filter { !inTopics.contains($0) }.prefix(outsideSample)
    let ticket = { (text: Int) in tickets[all.representatives[text]] }
    let phrases = texts.map { topic in
      PhraseCounts(of: topic.prefix(sample).map(ticket))
    }
    let rest = PhraseCounts(of: outside.map(ticket))
    var everywhere = rest
    for phrases in phrases { everywhere.add(phrases) }
    var labels: Set<String> = []
    var ids: Set<String> = []
    for index in topics.indices {
      let described = phrases[index].candidates(among: everywhere, in: topics[index].language)
      let candidates = described + typical(of: topics[index], texts[index], all, tickets) + ["tickets"]
      let label = distinct(candidates, from: labels)
      labels.insert(label.lowercased())
      topics[index].label = label
      topics[index].id = distinct([slug(of: label)], from: ids, separator: "-")
      ids.insert(topics[index].id)
    }
  }

  /// Returns texts of a topic that can stand for it: those that say something, its examples first; without any, the
  /// examples.
  private static func typical(
    of topic: Topic, _ texts: [Int], _ all: DistinctTexts, _ tickets: [TopicTicket]
  ) -> [String] {
    let examples = topic.examples.map { tickets[$0].text }
    let more = texts.prefix(sample).map { tickets[all.representatives[$0]].text }
    let telling = (examples + more).filter(ContentWords.isLabel).prefix(3)
    // The same text with other numbers belongs to the topic too, so that one of the numbers says nothing.
    let forms = Set(texts.filter { isForm(all.members[$0], tickets) }.map { tickets[all.representatives[$0]].text })
    return (telling.isEmpty ? examples[...] : telling).map { text in
      cut(forms.contains(text) ? withoutNumbers(text) : text)
    }
  }

  /// Whether tickets have one text with numbers that differ.
  private static func isForm(_ members: [Int], _ tickets: [TopicTicket]) -> Bool {
    let numbers = members.prefix(sample).map { tickets[$0].text.filter(\.isNumber) }
    return numbers.contains { $0 != numbers[0] }
  }

  /// Returns the first line of a text without the words that are numbers; the whole line if nothing else is in it.
  private static func withoutNumbers(_ text: String) -> String {
    let line = text.prefix { !$0.isNewline }
    let words = line.split(separator: " ").filter { word in
      word.contains(where: \.isLetter) || !word.contains(where: \.isNumber)
    }
    return words.isEmpty ? String(line) : words.joined(separator: " ")
  }

  /// Returns the first candidate that is free, or else the first with a number.
  private static func distinct(_ candidates: [String], from taken: Set<String>, separator: String = " ") -> String {
    if let free = candidates.first(where: { !$0.isEmpty && !taken.contains($0.lowercased()) }) { return free }
    let base = candidates.first { !$0.isEmpty } ?? "tickets"
    var number = 2
    while taken.contains("\(base)\(separator)\(number)".lowercased()) { number += 1 }
    return "\(base)\(separator)\(number)"
  }

  /// Returns the first line of a text, cut at the end of a word if it is long.
  private static func cut(_ text: String) -> String {
    let line = text.prefix { !$0.isNewline }
    guard line.count > length else { return String(line) }
    let start = line.prefix(length - 1)
    guard let space = start.lastIndex(of: " "), start[..<space].count > length / 2 else { return start + "…" }
    return start[..<space] + "…"
  }

  private static func slug(of label: String) -> String {
    let words = label.lowercased().filter { $0 != "'" && $0 != "’" }.split { !$0.isLetter && !$0.isNumber }
    return words.isEmpty ? "topic" : words.joined(separator: "-")
  }
}

/// The number of texts that use each phrase: one to three content words within a clause, with the words between them.
private struct PhraseCounts {
  private struct Phrase {
    var texts = 0
    /// The number of times that the phrase was written in each way.
    var surfaces: [String: Int] = [:]
  }

  private static let wordLimit = 60
  private static let span = 5
  private var phrases: [String: Phrase] = [:]
  private var texts = 0
  /// For each word in lower case, how often it was written with and without a capital, except at the beginning of a
  /// clause.
  private var capitals: [String: (capital: Int, small: Int)] = [:]

  init(of tickets: [TopicTicket]) {
    for ticket in tickets { add(ticket) }
  }

  mutating func add(_ other: PhraseCounts) {
    texts += other.texts
    for (key, phrase) in other.phrases { phrases[key, default: Phrase()].texts += phrase.texts }
  }

  private mutating func add(_ ticket: TopicTicket) {
    texts += 1
    var seen: Set<String> = []
    var remaining = Self.wordLimit
    let stopWords = ticket.language.stopWords
    for clause in ticket.text.split(whereSeparator: { ".,;:!?()[]\"\n。、！？".contains($0) }) where remaining > 0 {
      let words = clause.split(whereSeparator: \.isWhitespace).prefix(remaining).map(String.init)
      remaining -= words.count
      let keys = words.map { key(of: $0, stopWords) }
      for word in words.dropFirst() {
        let isCapital = word.first?.isUppercase == true
        capitals[word.lowercased(), default: (0, 0)].capital += isCapital ? 1 : 0
        capitals[word.lowercased(), default: (0, 0)].small += isCapital ? 0 : 1
      }
      for start in words.indices where keys[start] != nil {
        // In "how old" and "how long", the "how" belongs to the phrase.
        let begin = start > 0 && words[start - 1].lowercased() == "how" ? start - 1 : start
        var content: [String] = []
        for end in start..<min(start + Self.span, words.count) {
          guard let key = keys[end] else { continue }
          content.append(key)
          let name = content.joined(separator: " ")
          let surface = words[begin...end].joined(separator: " ")
          phrases[name, default: Phrase()].surfaces[surface, default: 0] += 1
          if seen.insert(name).inserted { phrases[name, default: Phrase()].texts += 1 }
          if content.count == 3 { break }
        }
      }
    }
  }

  /// Returns the key that different forms of a word have in common; nil for a stop word, a number or a sign.
  private func key(of word: String, _ stopWords: Set<Substring>) -> String? {
    let word = word.lowercased()
    guard !stopWords.contains(Substring(word)), word.contains(where: \.isLetter) else { return nil }
    if word.hasSuffix("'s") || word.hasSuffix("’s") { return String(word.dropLast(2)) }
    if word.count > 3, word.hasSuffix("s"), !word.hasSuffix("ss") { return String(word.dropLast()) }
    return word
  }

  /// Returns phrases that describe these texts, which are in a language, the best first.
  func candidates(among everywhere: PhraseCounts, in language: Language) -> [String] {
    guard texts > 0 else { return [] }
    let others = Double(everywhere.texts - texts)
    // Phrases that are more than twice as frequent here as elsewhere, with the share of the texts that use them.
    var scored: [(key: String, words: [Substring], part: Double, score: Double)] = []
    // Function words of another language are no phrase either: a short text may be in that one.
    for (key, phrase) in phrases where phrase.texts >= 2 && ContentWords.isPhrase(key, in: language) {
      let part = Double(phrase.texts) / Double(texts)
      let total = everywhere.phrases[key]?.texts ?? phrase.texts
      let ratio = others == 0 ? 2 : part / ((Double(total - phrase.texts) + 0.5) / (others + 1))
      guard part >= 0.08, ratio >= 2 else { continue }
      scored.append((key, key.split(separator: " "), part, part * logarithm(ratio)))
    }
    // The word that distinguishes most of the texts is the topic's subject; a phrase without it misses that.
    let subject = scored.filter { $0.words.count == 1 && $0.part >= 0.4 }
      .max { ($0.score, $1.key) < ($1.score, $0.key) }?.words[0]
    let ranked = scored.filter { $0.words.count > 1 || $0.part >= 0.4 }.map { phrase -> (score: Double, key: String) in
      // A single word is rarely clear, and longer phrases are clearer than shorter ones.
      let weight = [0.12, 1, 1.15][phrase.words.count - 1]
      let misses = subject.map { !phrase.words.contains($0) } ?? false
      return (phrase.score * weight * (misses ? 0.25 : 1), phrase.key)
    }
    return ranked.sorted { ($1.score, $0.key) < ($0.score, $1.key) }.prefix(8).compactMap { surface(of: $0.key) }
  }

  /// Returns the most frequent spelling of a phrase, without a capital that only begins a sentence.
  private func surface(of key: String) -> String? {
    guard let surfaces = phrases[key]?.surfaces else { return nil }
    var counts: [String: Int] = [:]
    for (surface, count) in surfaces { counts[cased(surface), default: 0] += count }
    return counts.min { ($1.value, $0.key.count, $0.key) < ($0.value, $1.key.count, $1.key) }?.key
  }

  private func cased(_ surface: String) -> String {
    var words = surface.split(separator: " ").map(String.init)
    guard let first = words.first, first.first?.isUppercase == true, !first.dropFirst().contains(where: \.isUppercase)
    else { return surface }
    if let (capital, small) = capitals[first.lowercased()], capital > small { return surface }
    words[0] = first.lowercased()
    return words.joined(separator: " ")
  }

  /// Returns a base-two logarithm of a number of at least one, exact enough for ranking and the same on every machine.
  private func logarithm(_ number: Double) -> Double {
    Double(number.exponent) + number.significand - 1
  }
}
