import Contract
import Dispatch
import LaunchModel
import Messaging
import ReviewCore
import ServiceKit
import Storage

/// Runs what computes for long, one at a time, on a thread of its own: calls and events go on meanwhile.
enum TopicThread {
  private static let queue = DispatchQueue(label: "gonogo.topics")

  static func run<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: body()) } }
  }
}

/// Reads the texts of tickets and articles as they arrive, so that topics are found from what is stored.
struct TextReading {
  let environment: ServiceEnvironment

  static let job = Job("read-texts", every: .milliseconds(500)) { environment in
    let reading = TextReading(environment: environment)
    try await reading.readAll()
    // Between two pages of an earlier log, what has arrived meanwhile comes first.
    while try await reading.backfillPage() { try await reading.readAll() }
  }

  /// The texts that are read between two writes, each of which takes 10 to 40 ms.
  private static let batch = 32
  /// The events of one page of the earlier log.
  private static let page = 512

  /// Reads all texts that are stored unread.
  private func readAll() async throws {
    while true {
      let unread = try await environment.database.read { try TextRepository(db: $0).unread(atMost: Self.batch) }
      guard !unread.isEmpty else { return }
      try await read(unread)
    }
  }

  /// Reads texts until all are, or the deadline passes.
  ///
  /// - Returns: the number of those that are left.
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
  /// Stores the texts of a page of the log that was processed before texts were kept.
  ///
  /// - Returns: false if there is nothing left.
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

  /// Notes that a new store has no earlier log. How much of it another one has is known once this replica applies events, because
  /// one of an earlier version may still do so.
  func begin() async throws {
    try await environment.database.write { [environment] db in
      guard try ConsumerOffsets.offset(environment.service.rawValue, db) == 0 else { return }
      try TextRepository(db: db).begin(upTo: 0)
    }
  }

  /// How far the earlier log has been read. On the first pass, everything up to the consumer's offset is still to be read.
  private func state() async throws -> TextRepository.Backfill {
    if let state = try await environment.database.read({ try TextRepository(db: $0).backfill() }) { return state }
    return try await environment.database.write { [environment] db in
      let last = try ConsumerOffsets.offset(environment.service.rawValue, db)
      try TextRepository(db: db).begin(upTo: last)
      return TextRepository.Backfill(processed: 0, last: last)
    }
  }

  /// The event as a signal; nil for one that is in quarantine.
  private static func signal(_ event: StoredEvent) -> Received<Signal>? {
    do {
      return try event.signal()
    } catch {
      return nil
    }
  }
}
