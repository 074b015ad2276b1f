import Contract
public import LaunchModel
import Topics

/// The text of a ticket or an article as topics compare it: cleaned of quoted mail, signatures and logs, with its language and its
/// place among all meanings.
public struct ReadText: Sendable, Hashable {
  /// The cleaned text; empty if nothing is left.
  public var text: String
  /// The language's code, such as `en`.
  public var language: String
  /// The stored form of its vector; of an article, of its title's vector and of that of its opening.
  public var vector: [UInt8]

  public init(text: String, language: String, vector: [UInt8]) {
    self.text = text
    self.language = language
    self.vector = vector
  }

  /// Reads the text of a ticket, which takes milliseconds of computing.
  ///
  /// - Parameter locale: the language that the producer names, as a hint.
  public static func ticket(subject: String?, body: String?, locale: String?) -> ReadText {
    let ticket = TopicTicket(id: "", subject: subject ?? "", body: body ?? "", locale: locale)
    return ReadText(text: ticket.text, language: ticket.language.rawValue, vector: ticket.vector.bytes)
  }

  /// Reads the text of an article, of which only the vectors and the language are kept.
  public static func article(title: String?, body: String?, locale: String?) -> ReadText {
    let article = TopicArticle(key: "", title: title ?? "", body: body ?? "", locale: locale)
    return ReadText(text: "", language: article.language.rawValue, vector: article.title.bytes + article.opening.bytes)
  }
}

/// An article of the knowledge base in one language, with its text.
public struct ArticleText: Sendable, Hashable {
  /// The producer's key of the article.
  public var article: String
  /// The language it was published in.
  public var locale: String
  /// Its title; nil if its event did not give one.
  public var title: String?
  /// What was read of its title and body.
  public var text: ReadText

  public init(article: String, locale: String, title: String?, text: ReadText) {
    self.article = article
    self.locale = locale
    self.title = title
    self.text = text
  }
}

/// What the topics of an attempt are found from.
public struct TopicSources: Sendable {
  /// The attempt's window.
  public var window: AttemptWindow
  /// The tickets that were opened in the window and are about the launch, in the order of opening; merged ones are one.
  public let tickets: [TicketIndex.Ticket]
  /// The texts by ticket; a ticket whose events have no text is missing.
  public var texts: [String: ReadText]
  /// The published articles.
  public var articles: [ArticleText]
  /// The searches without results in the window, each in its normalized form, the most frequent ones first.
  public let searches: [String]
  private let accounts: AccountIndex

  /// The most searches that are compared with each other.
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

  /// The text of a ticket: its own or, if it has none, that of the ticket whose opening counts for it.
  func text(of ticket: TicketIndex.Ticket) -> ReadText? {
    texts[ticket.id] ?? texts[ticket.opening.ticket]
  }

  /// The customer who opened a ticket; nil for accounts of the organisation itself.
  public func customer(of ticket: TicketIndex.Ticket) -> String? { ticket.opening.account.flatMap(accounts.customer) }
}

/// The words of searches.
enum SearchWords {
  /// Normalizes a query to its words in lower case, separated by single spaces, so that equal queries are grouped.
  static func normalized(_ query: String) -> String {
    query.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
  }
}
