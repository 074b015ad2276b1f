import Contract
import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// The stored texts of tickets and articles. Signals store the original texts; `TextReading` soon replaces each by its
/// cleaned text and vector, so original bodies are not kept longer than necessary.
struct TextRepository {
  let db: any Transaction

  /// The kind of object that a text belongs to.
  enum Kind: String, Sendable {
    case ticket, article
  }

  /// A text that has not been prepared for comparison yet.
  struct UnreadText: Sendable {
    /// The row's key.
    var kind: Kind
    var name, part: String
    /// The offset of the event that the text came with.
    var offset: Int64
    var locale, title, body: String?
  }

  /// Stores the text of a signal; ignores signals without texts, and tickets with neither subject nor body.
  func save(_ event: Received<Signal>) throws {
    switch event.content {
    case .ticketOpened(let ticket) where ticket.subject != nil || ticket.body != nil:
      try save(
        .ticket, ticket.ticket, event, locale: ticket.locale, title: ticket.subject, body: ticket.body)
    case .articlePublished(let article) where article.title != nil || article.body != nil:
      try save(
        .article, article.article, part: article.locale, event, locale: article.locale, title: article.title,
        body: article.body)
    default: return
    }
  }

  /// Stores a text, cut to 10 KB, unless the stored text is from a later event.
  private func save(
    _ kind: Kind, _ name: String, part: String = "", _ event: Received<Signal>, locale: String?, title: String?,
    body: String?
  ) throws {
    try db.execute(
      """
      INSERT INTO signal_texts (kind, name, part, at, log_offset, locale, title, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (kind, name, part) DO UPDATE
      SET at = excluded.at, log_offset = excluded.log_offset, locale = excluded.locale, title = excluded.title,
        body = excluded.body, text = NULL, language = NULL, vector = NULL
      WHERE signal_texts.at < excluded.at
        OR (signal_texts.at = excluded.at AND signal_texts.log_offset < excluded.log_offset)
      """,
      [
        kind.rawValue, name, part, event.at, event.offset, locale,
        title.map { TextLimit.line.cutting($0) }, body.map { TextLimit.comment.cutting($0) },
      ])
  }

  /// Texts that have not been prepared yet, latest first, so that new texts do not wait for the backfill.
  func unread(atMost maximum: Int) throws -> [UnreadText] {
    try db.query(
      """
      SELECT kind, name, part, log_offset, locale, title, body FROM signal_texts WHERE vector IS NULL
      ORDER BY log_offset DESC LIMIT ?
      """, [maximum]
    ).map(Self.unread)
  }

  /// Replaces a text by its prepared form, unless a later text was stored in the meantime. Drops a ticket's subject,
  /// which the prepared text includes.
  func save(_ read: ReadText, of text: UnreadText) throws {
    try db.execute(
      """
      UPDATE signal_texts
      SET text = ?, language = ?, vector = ?, body = NULL, title = CASE WHEN kind = 'ticket' THEN NULL ELSE title END
      WHERE kind = ? AND name = ? AND part = ? AND log_offset = ?
      """, [read.text, read.language, read.vector, text.kind.rawValue, text.name, text.part, text.offset])
  }

  private static func unread(_ row: Row) throws -> UnreadText {
    guard let kind = Kind(rawValue: try row.text("kind")) else {
      throw StorageError(.unreadable, "a row of the table signal_texts has an unknown kind")
    }
    return UnreadText(
      kind: kind, name: try row.text("name"), part: try row.text("part"),
      offset: try row.integer("log_offset"), locale: try row.optionalText("locale"),
      title: try row.optionalText("title"), body: try row.optionalText("body"))
  }
}

extension TextRepository {
  /// The texts of tickets: the prepared ones, those still unread, and the event offsets of both.
  struct TicketTexts: Sendable {
    var read: [String: ReadText] = [:]
    var offsets: [String: Int64] = [:]
    var unread: [UnreadText] = []
  }

  func texts(of tickets: some Sequence<String>) throws -> TicketTexts {
    var texts = TicketTexts()
    for ticket in tickets {
      let row = try db.queryOne(
        """
        SELECT kind, name, part, log_offset, locale, title, body, text, language, vector FROM signal_texts
        WHERE kind = 'ticket' AND name = ? AND part = ''
        """, [ticket])
      guard let row else { continue }
      texts.offsets[ticket] = try row.integer("log_offset")
      if let read = try Self.read(row) { texts.read[ticket] = read } else { texts.unread.append(try Self.unread(row)) }
    }
    return texts
  }

  /// The published articles that are prepared, each with its event's offset.
  func articles() throws -> [(article: ArticleText, offset: Int64)] {
    try db.query(
      """
      SELECT name, part, log_offset, title, text, language, vector FROM signal_texts
      WHERE kind = 'article' AND vector IS NOT NULL
      ORDER BY name, part
      """
    ).compactMap { row in
      try Self.read(row).map { text in
        (
          ArticleText(
            article: try row.text("name"), locale: try row.text("part"), title: try row.optionalText("title"),
            text: text),
          try row.integer("log_offset")
        )
      }
    }
  }

  private static func read(_ row: Row) throws -> ReadText? {
    guard let vector = try row.optionalBlob("vector") else { return nil }
    return ReadText(text: try row.text("text"), language: try row.text("language"), vector: vector)
  }
}

// MARK: - The log from before texts were kept

extension TextRepository {
  /// The progress of reading texts from the older part of the log.
  struct Backfill: Sendable {
    /// The offset up to which texts have been read.
    var processed: Int64
    /// The last offset that was processed without storing texts.
    var last: Int64

    var isComplete: Bool { processed >= last }
  }

  /// The progress of the backfill; nil before its first pass.
  func backfill() throws -> Backfill? {
    try db.queryOne("SELECT processed, last FROM text_backfill WHERE one = 1").map {
      Backfill(processed: try $0.integer("processed"), last: try $0.integer("last"))
    }
  }

  /// Records the last offset to backfill, unless one is already recorded.
  func begin(upTo last: Int64) throws {
    try db.execute(
      "INSERT INTO text_backfill (one, processed, last) VALUES (1, 0, ?) ON CONFLICT (one) DO NOTHING", [last])
  }

  /// Records the offset reached by the backfill; an offset before the recorded one has no effect.
  func advance(to offset: Int64) throws {
    try db.execute("UPDATE text_backfill SET processed = ? WHERE one = 1 AND processed < ?", [offset, offset])
  }
}
