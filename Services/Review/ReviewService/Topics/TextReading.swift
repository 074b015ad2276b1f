import Contract
import Dispatch
import LaunchModel
import Messaging
import ReviewCore
import ServiceKit
import Storage

/// Runs long computations one at a time on a separate thread, so that calls and events are not delayed.
enum TopicThread {
  private static let queue = DispatchQueue(label: "gonogo.topics")

  static func run<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: body()) } }
  }
}

/// Prepares the texts of tickets and articles as they arrive, so that topics can be found from stored vectors.
struct TextReading {
  let environment: ServiceEnvironment

  static let job = Job("read-texts", every: .milliseconds(500)) { environment in
    let reading = TextReading(environment: environment)
    try await reading.readAll()
    // Prepares new texts first, between two pages of the backfill.
    while try await reading.backfillPage() { try await reading.readAll() }
  }

  /// The number of texts to prepare between two writes; each takes 10 to 40 ms.
  private static let batch = 32
  /// The number of events in one page of the backfill.
  private static let page = 512

  /// Prepares all unread texts in the store.
  private func readAll() async throws {
    while true {
      let unread = try await environment.database.read { try TextRepository(db: $0).unread(atMost: Self.batch) }
      guard !unread.isEmpty else { return }
      try await read(unread)
    }
  }

  /// Prepares texts until none is left or the deadline passes.
  ///
  /// - Returns: the number of texts left.
  func read(_ texts: [TextRepository.UnreadText], until deadline: ContinuousClock.Instant) async throws -> Int {
    var rest = texts[...]
    while !rest.isEmpty, .now < deadline {
      try await read(Array(rest.prefix(Self.batch)))
      rest = rest.dropFirst(Self.batch)
    }
    return rest.count
  }

  private func read(_ texts: [TextRepository.UnreadText]) async throws {
    let read = await TopicThread.run {
      var known: [[String?]: ReadText] = [:]
      return texts.map { text in
        let key = [text.kind.rawValue, text.title, text.body, text.locale]
        let read = known[key] ?? text.read()
        known[key] = read
        return read
      }
    }
    try await environment.database.write { db in
      let repository = TextRepository(db: db)
      for (text, read) in zip(texts, read) { try repository.save(read, of: text) }
    }
  }
}

extension TextRepository.UnreadText {
  fileprivate func read() -> ReadText {
    switch kind {
    case .ticket: ReadText.ticket(subject: title, body: body, locale: locale)
    case .article: ReadText.article(title: title, body: body, locale: locale)
    }
  }
}

extension TextReading {
  /// Stores the texts from the next page of the log that was processed before texts were stored.
  ///
  /// - Returns: false if the backfill is complete.
  private func backfillPage() async throws -> Bool {
    let state = try await state()
    guard !state.isComplete else { return false }
    let types: [SignalType] = [.ticketOpened, .articlePublished]
    let batch = try await environment.bus.fetch(
      after: state.processed, types: types.map(\.rawValue), max: Self.page)
    let reached = max(batch.head, batch.events.last?.offset ?? 0)
    guard reached > state.processed else { return false }
    let events = batch.events.filter { $0.offset <= state.last }.compactMap(Self.signal)
    try await environment.database.write { db in
      let repository = TextRepository(db: db)
      for event in events { try repository.save(event) }
      try repository.advance(to: reached)
    }
    return true
  }

  /// Records that a new store has nothing to backfill. For an existing store, `state` determines the
  /// extent later, once this replica applies events, because until then a replica of an earlier version
  /// may still process events without storing texts.
  func begin() async throws {
    try await environment.database.write { [environment] db in
      guard try ConsumerOffsets.offset(environment.service.rawValue, db) == 0 else { return }
      try TextRepository(db: db).begin(upTo: 0)
    }
  }

  /// The progress of the backfill. Its first pass sets the extent to the consumer's current offset.
  private func state() async throws -> TextRepository.Backfill {
    if let state = try await environment.database.read({ try TextRepository(db: $0).backfill() }) { return state }
    return try await environment.database.write { [environment] db in
      let last = try ConsumerOffsets.offset(environment.service.rawValue, db)
      try TextRepository(db: db).begin(upTo: last)
      return TextRepository.Backfill(processed: 0, last: last)
    }
  }

  /// The event as a signal; nil for a quarantined event, which cannot be decoded.
  private static func signal(_ event: StoredEvent) -> Received<Signal>? {
    do {
      return try event.signal()
    } catch {
      return nil
    }
  }
}
