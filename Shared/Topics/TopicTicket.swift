/// A ticket as it enters the analysis.
public struct TopicTicket: Sendable, Hashable {
  /// The ticket's key in the help desk.
  public var id: String
  /// What the customer wrote, cleaned.
  public var text: String
  /// The language of the text.
  public var language: Language
  /// Where the text stands among others.
  public var vector: TopicVector
  /// The customer's account, if it is known.
  public var account: String?
  /// The day on which it was opened, as a number of the caller's choice; nil leaves it out of the trend.
  public var day: Int?

  /// Cleans, detects and encodes the text of a ticket as it came.
  ///
  /// - Parameter locale: The ticket's locale, such as `de-AT`, which decides if the text does not show its language.
  public init(id: String, subject: String, body: String, locale: String? = nil, account: String? = nil, day: Int? = nil)
  {
    let text = TicketText.cleaned(subject: subject, body: body)
    let language = Language(of: text, locale: locale)
    self.init(
      id: id, text: text, language: language, vector: TopicVector(of: text, language: language), account: account,
      day: day)
  }

  /// Creates a ticket from what was stored.
  public init(
    id: String, text: String, language: Language, vector: TopicVector, account: String? = nil, day: Int? = nil
  ) {
    self.id = id
    self.text = text
    self.language = language
    self.vector = vector
    self.account = account
    self.day = day
  }
}
