import Contract
import LaunchModel
import Topics

/// Finds the topics of a file's texts, in this process and without a service.
struct TextTopics: Sendable {
  let console: Console
  let file: TextFile

  /// The maximum number of unreadable rows that are named.
  private static let maximumFaults = 20
  /// The maximum number of characters in an example.
  private static let exampleLimit = TextLimit.summary

  /// Reads the file, prints the topics, and names rows that cannot be read.
  ///
  /// - Throws: `GatewayError` if the file or one of its rows cannot be read.
  func show(in session: Session) async throws {
    var reading = TextReading(progress: ReadingProgress(console: console))
    var faults: [TextRow.Fault] = []
    try await file.forEachRow { row in
      switch row {
      case .success(let row): await reading.add(row)
      case .failure(let fault):
        faults.append(fault)
        await reading.add(nil)
      }
    }
    let texts = await reading.finish()
    try session.print(Self.view(of: texts))
    guard faults.isEmpty else { throw unreadable(faults, of: texts.count) }
  }

  /// Returns the topics of the texts, which are in row order; nil stands for a row that cannot be read.
  private static func view(of texts: [TopicTicket?]) -> TopicsView {
    let rows = texts.indices.filter { texts[$0] != nil }
    let read = texts.compactMap(\.self)
    let analysis = TopicAnalysis(of: read)
    var assignments = [String?](repeating: nil, count: texts.count)
    for (row, id) in zip(rows, analysis.assignments) { assignments[row] = id }
    return TopicsView(
      count: texts.count, outside: assignments.count { $0 == nil },
      topics: analysis.topics.map { topic in
        TopicView(
          id: topic.id, label: topic.label, language: topic.language.rawValue, count: topic.count,
          share: Double(topic.count) / Double(max(1, texts.count)),
          examples: topic.examples.map { exampleLimit.cutting(read[$0].text) },
          exampleTickets: topic.examples.map { read[$0].id })
      }, assignments: assignments)
  }

  private func unreadable(_ faults: [TextRow.Fault], of count: Int) -> GatewayError {
    let named = faults.prefix(Self.maximumFaults).map { "\(file.name):\($0.line): \($0.detail)" }
    let rest = faults.count - named.count
    return GatewayError(
      .badInput, ["\(file.name): \(faults.count) of \(counted(count, "row")) cannot be read and have no topic"],
      faults: named + (rest > 0 ? ["… and \(rest) more"] : []))
  }
}

/// Cleans rows into texts for topics, using all cores. It keeps the cleaned texts in memory, not the rows.
private struct TextReading {
  private var progress: ReadingProgress
  private var texts: [TopicTicket?] = []
  private var pending: [TextRow?] = []

  /// The number of rows that are collected before they are processed.
  private static let batch = 256
  /// The number of rows that one task processes.
  private static let portion = 8

  init(progress: ReadingProgress) { self.progress = progress }

  /// Adds a row; nil stands for a row that cannot be read.
  mutating func add(_ row: TextRow?) async {
    pending.append(row)
    if pending.count == Self.batch { await readPending() }
  }

  /// Processes the remaining rows.
  ///
  /// - Returns: the texts, one for each row.
  mutating func finish() async -> [TopicTicket?] {
    await readPending()
    progress.finish()
    return texts
  }

  private mutating func readPending() async {
    let rows = pending
    pending = []
    let portions = await withTaskGroup(of: (start: Int, texts: [TopicTicket?]).self) { group in
      for start in stride(from: 0, to: rows.count, by: Self.portion) {
        group.addTask {
          let portion = rows[start..<min(start + Self.portion, rows.count)]
          return (start, portion.map { $0.map(Self.text) })
        }
      }
      var portions: [Int: [TopicTicket?]] = [:]
      for await (start, texts) in group { portions[start] = texts }
      return portions
    }
    for start in portions.keys.sorted() { texts += portions[start] ?? [] }
    progress.show(texts.count)
  }

  private static func text(of row: TextRow) -> TopicTicket {
    TopicTicket(
      id: "\(row.line)", subject: row.subject ?? "", body: row.body ?? "", locale: row.locale, account: nil, day: nil)
  }
}

/// Shows on a terminal how many texts have been read, if reading takes long.
private struct ReadingProgress {
  private let console: Console
  private let started = ContinuousClock.now
  private var isShown = false

  /// The delay before the count is first shown.
  private static let delay = Duration.milliseconds(500)

  init(console: Console) { self.console = console }

  mutating func show(_ count: Int) {
    let passed = ContinuousClock.now - started
    guard console.showsProgress, passed >= Self.delay else { return }
    isShown = true
    let rate = Int(Double(count) / (passed / .seconds(1)))
    console.diagnostics.write("\r\u{1B}[K\(counted(count, "text")) read, \(rate) per second")
  }

  /// Removes the count from the terminal.
  mutating func finish() {
    if isShown { console.diagnostics.write("\r\u{1B}[K") }
    isShown = false
  }
}
