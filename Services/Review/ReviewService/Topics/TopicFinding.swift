import Contract
import Digests
import JSON
import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// Finds the topics of an attempt's tickets, and caches them until their input changes.
struct TopicFinding {
  let environment: ServiceEnvironment
  let launch: LaunchRecord
  let attempt: Int
  /// The rule for which tickets are about the launch.
  let attribution: TicketAttribution

  /// Returns the current topics.
  ///
  /// - Parameter deadline: when to stop preparing texts.
  /// - Throws: `attempt-not-found`; `texts-unread` if texts are still unread at the deadline.
  func topics(until deadline: ContinuousClock.Instant) async throws -> AttemptTopics {
    let (topics, unread) = try await topicsOfRead(until: deadline)
    guard unread == 0 else {
      throw Problem.unavailable(
        "texts-unread", title: "texts are still being read",
        "the texts of \(unread) tickets of \(launch.plan.launch) have not been read; try again in a minute",
        retryAfterMs: 1_000)
    }
    return topics
  }

  /// Returns the topics of the tickets whose texts are prepared by the deadline,
  /// and the number of the remaining tickets.
  func topicsOfRead(until deadline: ContinuousClock.Instant) async throws -> (topics: AttemptTopics, unread: Int) {
    var loaded = try await load()
    var unread = loaded.missing
    if !loaded.unread.isEmpty {
      unread += try await TextReading(environment: environment).read(loaded.unread, until: deadline)
      loaded = try await load()
    }
    if let topics = loaded.current { return (topics, unread) }
    let topics = await TopicThread.run { [loaded] in AttemptTopics(of: loaded.sources, keeping: loaded.earlier) }
    let fingerprint = loaded.fingerprint
    try await environment.database.write { [launch, attempt] db in
      try TopicRepository(db: db).save(topics, fingerprint: fingerprint, of: launch.plan.launch, attempt)
    }
    return (topics, unread)
  }

  /// The stored input for topics.
  private struct Loaded: Sendable {
    var sources: TopicSources
    var fingerprint: String
    /// The stored topics if they were found from this input, otherwise nil.
    var current: AttemptTopics?
    /// The topics whose ids and labels must be kept; nil before the review opens.
    var earlier: AttemptTopics?
    var unread: [TextRepository.UnreadText]
    /// The number of tickets whose texts may be in the part of the log that is still to be backfilled.
    var missing: Int
  }

  private func load() async throws -> Loaded {
    try await environment.database.read { [self] db in
      let attempts = try LaunchRepository(db: db).attempts(of: launch.plan.launch)
      guard let window = AttemptWindow(of: attempt, in: attempts) else {
        throw Problem.notFound(
          "attempt-not-found", title: "no such attempt", "\(launch.plan.launch) has no attempt \(attempt)")
      }
      let signals = try SignalRepository(db: db).signals(of: launch, about: attribution, in: window)
      var sources = TopicSources(signals: signals, attribution: attribution, window: window)
      let repository = TextRepository(db: db)
      let texts = try repository.texts(of: Set(sources.tickets.flatMap { [$0.id, $0.opening.ticket] }).sorted())
      let articles = try repository.articles()
      sources.texts = texts.read
      sources.articles = articles.map(\.article)
      let fingerprint = Self.fingerprint(of: sources, texts.offsets, articles.map(\.offset))
      let stored = try TopicRepository(db: db).topics(of: launch.plan.launch, attempt)
      let review = try ReviewRepository(db: db).review(launch.plan.launch, attempt)
      return Loaded(
        sources: sources, fingerprint: fingerprint, current: stored?.fingerprint == fingerprint ? stored?.topics : nil,
        earlier: review.map { $0.state != .scheduled } ?? false ? stored?.topics : nil, unread: texts.unread,
        missing: try Self.missing(of: sources.tickets, texts, repository))
    }
  }

  /// The number of tickets without a text that may have one in the part of the log that is still to be backfilled.
  private static func missing(
    of tickets: [TicketIndex.Ticket], _ texts: TextRepository.TicketTexts, _ repository: TextRepository
  ) throws -> Int {
    // Before the first pass, the extent of the backfill is unknown.
    let state = try repository.backfill() ?? TextRepository.Backfill(processed: 0, last: .max)
    guard !state.isComplete else { return 0 }
    return tickets.count { ticket in
      texts.offsets[ticket.id] == nil && texts.offsets[ticket.opening.ticket] == nil
        && ticket.opening.offset > state.processed && ticket.opening.offset <= state.last
    }
  }

  /// A digest of the rules and of all input for topics. If it changes, the topics are found again.
  private static func fingerprint(
    of sources: TopicSources, _ offsets: [String: Int64], _ articles: [Int64]
  ) -> String {
    let tickets = sources.tickets.map { ticket -> JSONValue in
      let offset = offsets[ticket.id] ?? offsets[ticket.opening.ticket] ?? 0
      let isRead = sources.texts[ticket.id] != nil || sources.texts[ticket.opening.ticket] != nil
      return [
        .string(ticket.id), .integer(ticket.opening.at.microseconds), .integer(offset), .bool(isRead),
        .string(sources.customer(of: ticket) ?? ""),
      ]
    }
    return SHA256Digest.hex(
      ofCanonical: [
        "rules": .integer(1), "tickets": .array(tickets), "articles": .array(articles.map { .integer($0) }),
        "searches": .array(sources.searches.map { .string($0) }),
      ])
  }
}
