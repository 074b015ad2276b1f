import JSON
import Contract
import LaunchModel
import Messaging

/// How long queries over many launches take.
struct LaunchFigures {
  /// A query, and the milliseconds that each answer took.
  struct Question {
    var name: String
    /// The number of entries in the answer.
    var entries: Int
    var times: [Double]
  }

  /// The number of launches.
  var launches: Int
  /// Launches proposed per second, 500 per call.
  var proposed: Double
  var questions: [Question]
  /// Milliseconds that it takes to adopt the calendar that all of them use.
  var adoption: Double
}

extension Workplace {
  /// Proposes launches over four years, with all tiers and twenty owners, and queries lists and conflicts.
  ///
  /// - Parameters:
  ///   - count: the number of launches.
  ///   - questions: how often each query is repeated.
  ///   - databaseURL: the server for the stores; nil for SQLite.
  func launches(_ count: Int, questions: Int, databaseURL: String? = nil) async throws -> LaunchFigures {
    try await withServices([.bus, .tiering, .checklist], databaseURL: databaseURL) { services in
      let tiering = try services.client(.tiering)
      let started = ContinuousClock.now
      for first in stride(from: 0, to: count, by: 500) {
        let documents = (first..<min(first + 500, count)).map(Self.document)
        _ = try await tiering.call(
          TieringRoutes.importLaunches, ImportLaunches(documents: documents),
          meta: CallMeta(ttlMs: 120_000), timeout: .seconds(120))
      }
      let seconds = (ContinuousClock.now - started) / .seconds(1)
      // Wait until the checklist has created all items, so that this does not slow the measurement.
      let head = try await BusClient(client: try services.client(.bus)).head().head
      let checklist = try services.client(.checklist)
      _ = try await checklist.call(
        ChecklistRoutes.bookingConflicts, ConflictFilter(limit: 1), meta: CallMeta(ttlMs: 900_000, after: head),
        timeout: .seconds(900))
      try await quiet(try services.client(.bus))
      let answered = try await ask(tiering, checklist, times: questions)
      return LaunchFigures(
        launches: count, proposed: Double(count) / seconds, questions: answered, adoption: try await adopt(tiering))
    }
  }

  /// Waits until no more events arrive: launches in the past have overdue items, which cause notices.
  private func quiet(_ bus: RPCClient) async throws {
    let client = BusClient(client: bus)
    var (head, before): (Int64, Int64) = (try await client.head().head, -1)
    while head != before {
      try await Task.sleep(for: .seconds(5))
      (before, head) = (head, try await client.head().head)
    }
  }

  /// Adopts a calendar that closes the four weeks from tomorrow, so that the earliest dates of tiers 0 to 2 move.
  private func adopt(_ tiering: RPCClient) async throws -> Double {
    let today = ZoneRules.utc.localDate(at: SystemClock().now())
    let closed = (1...28).map { (today.adding(days: $0).description, JSONValue.string("closed")) }
    let holidays = JSONValue.object(Dictionary(closed, uniquingKeysWith: { first, _ in first }))
    let document: JSONValue = ["calendar": "US", "holidays": holidays]
    let started = ContinuousClock.now
    _ = try await tiering.call(
      TieringRoutes.adoptCalendar, AdoptCalendar(document: document), meta: CallMeta(ttlMs: 300_000),
      timeout: .seconds(300))
    return (ContinuousClock.now - started) / .milliseconds(1)
  }

  private func ask(
    _ tiering: RPCClient, _ checklist: RPCClient, times: Int
  ) async throws -> [LaunchFigures.Question] {
    let today = LocalDate("2027-06-01")
    let filters: [(String, LaunchFilter)] = [
      ("`launch list`, a page of 1,000", LaunchFilter()), ("`launch list --tier 1`", LaunchFilter(tier: .major)),
      ("`launch list --owner`", LaunchFilter(owner: "owner-7")),
      ("`launch list --from --to`, a quarter", LaunchFilter(from: today, to: LocalDate("2027-08-31"))),
      ("`launch list --status --tier --from`", LaunchFilter(tier: .moderate, status: .preparing, from: today)),
    ]
    var questions: [LaunchFigures.Question] = []
    for (name, filter) in filters {
      questions.append(
        try await measured(name, times) { try await tiering.call(TieringRoutes.list, filter).launches.count })
    }
    let conflicts: [(String, ConflictFilter)] = [
      ("`calendar conflicts`", ConflictFilter()), ("`calendar conflicts --from`", ConflictFilter(from: today)),
      ("`calendar conflicts --launch`", ConflictFilter(launch: LaunchID("launch-5000"))),
    ]
    for (name, filter) in conflicts {
      questions.append(
        try await measured(name + ", dates", times) {
          try await tiering.call(TieringRoutes.conflicts, filter).conflicts.count
        })
      questions.append(
        try await measured(name + ", bookings", times) {
          try await checklist.call(ChecklistRoutes.bookingConflicts, filter).conflicts.count
        })
    }
    return questions
  }

  private func measured(
    _ name: String, _ count: Int, _ ask: () async throws -> Int
  ) async throws -> LaunchFigures.Question {
    var question = LaunchFigures.Question(name: name, entries: 0, times: [])
    for _ in 0..<count {
      let started = ContinuousClock.now
      question.entries = try await ask()
      question.times.append((ContinuousClock.now - started) / .milliseconds(1))
    }
    return question
  }

  /// Returns launch `number`. A quarter are of tier 0 or 1, a quarter of tier 2, the rest minor.
  private static func document(_ number: Int) -> JSONValue {
    let kinds: JSONValue = [["new-surface"], ["new-feature"], ["bug-fix"], ["ui-polish"]][number % 4]
    let start = LocalDate("2026-01-05") ?? LocalDate(ordinal: 0)
    return [
      "launch": .string("launch-\(number)"), "name": .string("Launch \(number)"),
      "owner": .string("owner-\(number % 20)"), "calendar": "US",
      "date": .string(start.adding(days: (number * 997) % 1_461).description), "facts": ["kinds": kinds],
    ]
  }
}
