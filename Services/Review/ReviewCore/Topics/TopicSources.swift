import Contract
public import LaunchModel
import Topics

/// The text of a ticket or article, prepared for comparison: without quoted mail, signatures and logs, with its
/// language and a vector that represents its meaning.
public struct ReadText: Sendable, Hashable {
  /// The cleaned text; empty if nothing is left.
  public var text: String
  /// The language's code, such as `en`.
  public var language: String
  /// The stored form of the vector. An article has two, one after the other: of its title and of its opening.
  public var vector: [UInt8]

  public init(text: String, language: String, vector: [UInt8]) {
    self.text = text
    self.language = language
    self.vector = vector
  }

  /// Prepares the text of a ticket; takes milliseconds of computation.
  ///
  /// - Parameter locale: the producer's language code, used as a hint.
  public static func ticket(subject: String?, body: String?, locale: String?) -> ReadText {
    let ticket = TopicTicket(id: "", subject: subject ?? "", body: body ?? "", locale: locale)
    return ReadText(text: ticket.text, language: ticket.language.rawValue, vector: ticket.vector.bytes)
  }

  /// Prepares the text of an article. Keeps only its language and vectors, not the text.
  public static func article(title: String?, body: String?, locale: String?) -> ReadText {
    let article = TopicArticle(key: "", title: title ?? "", body: body ?? "", locale: locale)
    return ReadText(text: "", language: article.language.rawValue, vector: article.title.bytes + article.opening.bytes)
  }
}

/// An article of the knowledge base in one language, with its text.
public struct ArticleText: Sendable, Hashable {
  /// The producer's key of the article.
  public var article: String
  /// The locale it was published in, such as `de`.
  public var locale: String
  /// Its title; nil if its event omits it.
  public var title: String?
  /// The prepared text, from its title and body.
  public var text: ReadText

  public init(article: String, locale: String, title: String?, text: ReadText) {
    self.article = article
    self.locale = locale
    self.title = title
    self.text = text
  }
}

/// The input from which the topics of an attempt are found.
public struct TopicSources: Sendable {
  /// The attempt's window.
  public var window: AttemptWindow
  /// The tickets about the launch that were opened in the window, in that order; merged tickets count as one.
  public let tickets: [TicketIndex.Ticket]
  /// The prepared texts by ticket id; tickets whose events have no text are missing.
  public var texts: [String: ReadText]
  /// The published articles.
  public var articles: [ArticleText]
  /// The most frequent searches without results in the window, normalized, most frequent first.
  public let searches: [String]
  private let accounts: AccountIndex

  /// The maximum number of searches to compare with each other.
  static let maximumSearches = 200

  public init(
    signals: CustomerSignals, attribution: TicketAttribution, window: AttemptWindow, texts: [String: ReadText] = [:],
    articles: [ArticleText] = []
  ) {
    self.window = window
    self.texts = texts
    self.articles = articles
    accounts = AccountIndex(signals.accounts)
    tickets = AttributedTickets(signals.tickets, attribution: attribution).opened(in: window).sorted {
      ($0.opening.at, $0.opening.offset) < ($1.opening.at, $1.opening.offset)
    }
    var counts: [String: Int] = [:]
    for search in signals.searches where window.contains(search.at) {
      counts[SearchWords.normalized(search.query), default: 0] += 1
    }
    counts[""] = nil
    let frequent = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.maximumSearches)
    searches = frequent.map(\.key)
  }

  /// The text of a ticket or, if it has none, of the merged ticket whose opening counts for it.
  func text(of ticket: TicketIndex.Ticket) -> ReadText? {
    texts[ticket.id] ?? texts[ticket.opening.ticket]
  }

  /// The customer who opened a ticket; nil if unknown, or for internal, test and closed accounts.
  public func customer(of ticket: TicketIndex.Ticket) -> String? { ticket.opening.account.flatMap(accounts.customer) }
}

/// Normalizes searches.
enum SearchWords {
  /// The words of a query in lower case, separated by single spaces, so that equal queries can be grouped.
  static func normalized(_ query: String) -> String {
    query.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
  }
}
