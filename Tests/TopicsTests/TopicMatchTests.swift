import Testing

@testable import Topics

@Suite("Articles and searches")
struct TopicMatchTests {
  @Test("Searches with the same words in another order or form are one group")
  func searches() {
    let searches = ["export tags csv", "reset password", "tag export", "password reset", "tags export to csv"]
    #expect(TopicMatch.groups(ofSearches: searches) == [[0, 2, 4], [1, 3]])
  }

  @Test("A search that resembles no other, or has no text, is a separate group")
  func lonely() {
    #expect(TopicMatch.groups(ofSearches: []) == [])
    #expect(TopicMatch.groups(ofSearches: ["invoice", "", "dark mode", ""]) == [[0], [1], [2], [3]])
    #expect(TopicMatch.groups(ofSearches: ["dark mode", "invoice", "Dark mode!"]) == [[0, 2], [1]])
  }

  @Test("The article about a question answers it; other articles, and those in other languages, do not")
  func articles() throws {
    let questions = [
      "How do I reset my password?", "I forgot my password", "The password reset link does not work",
      "I need to change my password",
    ]
    let tickets = questions.enumerated().map { TopicTicket(id: String($0.offset), subject: $0.element, body: "") }
    let topic = try #require(TopicAnalysis(of: tickets).topics.first)
    let reset = TopicArticle(
      key: "password", title: "Resetting your password", body: "Open the sign-in page and choose Forgot password.")
    let tags = TopicArticle(key: "tags", title: "Exporting tags", body: "Choose Export on the page of tags.")
    let german = TopicArticle(
      key: "passwort", title: "Das Passwort zurücksetzen",
      body: "Öffnen Sie die Seite und wählen Sie Passwort vergessen.")
    let best = try #require(TopicMatch.bestArticle(for: topic, articles: [tags, german, reset]))
    #expect(best.key == "password")
    #expect(best.similarity >= Double(TopicMatch.articleLikeness))
    #expect(TopicMatch.bestArticle(for: topic, articles: [tags, german]) == nil)
    #expect(TopicMatch.bestArticle(for: topic, articles: []) == nil)
  }

  @Test("The reference mean is the mean of the general questions")
  func reference() {
    let mean = ReferenceMean.components(of: .sentence)
    let vectors = Points(GeneralQuestions.all.map { TopicVector(of: $0, language: .english).unit })
    let expected = vectors.weightedSum([Float](repeating: 1, count: vectors.count))
    let cosine = Points([TopicVector.unit(expected)]).products(with: TopicVector.unit(mean))[0]
    #expect(cosine > 0.999)
    let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let expectedLength = expected.reduce(0) { $0 + $1 * $1 }.squareRoot() / Float(vectors.count)
    #expect(abs(length - expectedLength) < 0.01)
  }
}
