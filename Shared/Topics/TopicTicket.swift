/// A ticket in the form in which it is analysed.
public struct TopicTicket: Sendable, Hashable {
  /// The ticket's key in the help desk.
  public var id: String
  /// The customer's own words, cleaned.
  public var text: String
  /// The language of the text.
  public var language: Language
  /// The vector of the text.
  public var vector: TopicVector
  /// The customer's account; nil if unknown.
  public var account: String?
  /// The day on which it was opened, as a number of the caller's choice; nil if it should not count for the trend.
  public var day: Int?

  /// Creates a ticket from its original text: cleans the text, detects its language and encodes it.
  ///
  /// - Parameter locale: The ticket's locale, such as `de-AT`, which decides if the text does not reveal its language.
  public init(id: String, subject: String, body: String, locale: String? = nil, account: String? = nil, day: Int? = nil)
  {
    let text = TicketText.cleaned(subject: subject, body: body)
    let language = Language(of: text, locale: locale)
    self.init(
      id: id, text: text, language: language, vector: TopicVector(of: text, language: language), account: account,
      day: day)
  }

  /// Creates a ticket from stored values.
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
