import TestSupport
import Testing

@testable import Topics

@Suite("Topics of tickets")
struct TopicAnalysisTests {
  /// German tickets, which need no encoder: three questions, and two tickets that are like no other.
  private static let questions: [[String]] = [
    [
      "Die Rechnung für März fehlt", "Ich finde meine Rechnung für April nicht", "Wo ist die Rechnung für Mai?",
      "Rechnung herunterladen geht nicht", "Ich brauche die Rechnung für Juni",
    ],
    [
      "Passwort vergessen", "Ich habe mein Passwort vergessen", "Wie kann ich mein Passwort zurücksetzen?",
      "Passwort zurücksetzen klappt nicht",
    ],
    ["Der Drucker druckt nicht", "Mein Drucker druckt keine Etiketten", "Drucker wird nicht erkannt"],
    ["Gibt es einen Rabatt für Studenten?"], ["Wann öffnet das Büro in Wien?"],
  ]

  private static func tickets() -> [TopicTicket] {
    questions.joined().enumerated().map { index, text in
      TopicTicket(
        id: "T-\(index)", subject: text, body: "", locale: "de-DE", account: "account-\(index % 4)", day: index % 2)
    }
  }

  @Test("Three questions become three topics, the largest first, and the rest is in none")
  func found() {
    let analysis = TopicAnalysis(of: Self.tickets())
    #expect(analysis.topics.map(\.members) == [[0, 1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11]])
    #expect(analysis.topics.map(\.count) == [5, 4, 3])
    #expect(analysis.topics.allSatisfy { $0.language.rawValue == "de" })
    let ids = analysis.topics.map(\.id)
    let expected = zip(ids, [5, 4, 3]).flatMap { [String?](repeating: $0, count: $1) } + [nil, nil]
    #expect(analysis.assignments == expected)
  }

  @Test("A topic has its share, accounts, days and examples")
  func figures() throws {
    let tickets = Self.tickets()
    let topic = try #require(TopicAnalysis(of: tickets).topics.first)
    #expect(topic.share == 5.0 / 14)
    // Tickets 0 to 4 of accounts 0, 1, 2, 3, 0, on days 0, 1, 0, 1, 0.
    #expect(topic.accounts == 4)
    #expect(topic.byDay == [0: 3, 1: 2])
    #expect(topic.examples.count == 3)
    #expect(Set(topic.examples).isSubset(of: topic.members))
  }

  @Test("A label is a phrase from the tickets, and no two labels are equal")
  func labels() {
    let topics = TopicAnalysis(of: Self.tickets()).topics
    #expect(topics[0].label.contains("Rechnung"))
    #expect(topics[1].label.lowercased().contains("passwort"))
    #expect(topics[2].label.contains("Drucker"))
    #expect(Set(topics.map { $0.label.lowercased() }).count == 3)
  }

  @Test("Any order of the tickets gives the same topics", arguments: 1...5 as ClosedRange<UInt64>)
  func order(seed: UInt64) {
    let tickets = Self.tickets()
    var random = SeededGenerator(seed: seed)
    let shuffled = tickets.shuffled(using: &random)
    let (before, after) = (TopicAnalysis(of: tickets), TopicAnalysis(of: shuffled))
    #expect(before.topics.map(\.id) == after.topics.map(\.id))
    #expect(before.topics.map(\.label) == after.topics.map(\.label))
    #expect(before.topics.map(\.centre) == after.topics.map(\.centre))
    for (index, topic) in before.topics.enumerated() {
      let other = after.topics[index]
      #expect(Set(topic.members.map { tickets[$0].id }) == Set(other.members.map { shuffled[$0].id }))
      #expect(topic.examples.map { tickets[$0].id } == other.examples.map { shuffled[$0].id })
    }
  }

  @Test("One ticket repeated 10,000 times is one topic of 10,000")
  func repeated() throws {
    let ticket = TopicTicket(id: "T", subject: "Ich habe mein Passwort vergessen", body: "", locale: "de")
    let analysis = TopicAnalysis(of: [TopicTicket](repeating: ticket, count: 10_000))
    let topic = try #require(analysis.topics.first)
    #expect(analysis.topics.count == 1)
    #expect(topic.count == 10_000)
    #expect(topic.share == 1)
    #expect(topic.examples == [0])
    #expect(topic.label == "Ich habe mein Passwort vergessen")
  }

  @Test("Texts that differ only in numbers count as one text")
  func forms() {
    let tickets = (100..<110).map {
      TopicTicket(id: "\($0)", subject: "Bestellung \($0) ist nicht da", body: "", locale: "de")
    }
    #expect(DistinctTexts(of: tickets).members == [Array(0..<10)])
  }

  @Test("Two similar tickets are a topic below 20 tickets, three above; the minimum can be set")
  func minimum() {
    let tickets = Self.tickets()
    #expect(TopicAnalysis(of: []).topics.isEmpty)
    #expect(TopicAnalysis(of: [tickets[0]]).assignments == [nil])
    #expect(TopicAnalysis(of: [tickets[5], tickets[6]]).topics.map(\.count) == [2])
    #expect(TopicAnalysis(of: [tickets[0], tickets[13]]).topics.isEmpty)
    let options = TopicAnalysis.Options(minimumCount: 4)
    #expect(TopicAnalysis(of: tickets, options: options).topics.map(\.count) == [5, 4])
  }

  @Test("Languages are never mixed, and a ticket without text is in no topic")
  func languages() {
    let sentences = [
      ("de", "Wo ist meine Rechnung"), ("fr", "Où est ma facture"), ("es", "Dónde está mi factura"),
      ("it", "Dove è la mia fattura"), ("pt", "Onde está a minha fatura"), ("nl", "Waar is mijn factuur"),
      ("ru", "Где мой счёт"), ("ja", "請求書はどこですか"), ("ar", "أين فاتورتي"), ("zh", "我的发票在哪里"),
    ]
    var tickets = sentences.flatMap { code, text in
      ["", "!", " 2"].map { TopicTicket(id: code + $0, subject: text + $0, body: "", locale: code) }
    }
    tickets += (0..<5).map { TopicTicket(id: "\($0)", subject: "", body: " ") }
    let analysis = TopicAnalysis(of: tickets)
    #expect(analysis.topics.count == 10)
    #expect(analysis.topics.allSatisfy { $0.count == 3 })
    #expect(Set(analysis.topics.map(\.language)).count == 10)
    #expect(analysis.assignments.suffix(5) == [nil, nil, nil, nil, nil])
  }

  @Test(
    "Unusual texts become a topic if they are repeated",
    arguments: [
      "😀 لا أستطيع تسجيل الدخول", "无法登录", String(repeating: "long ", count: 200_000), "https://example.com/",
      "税",
    ])
  func odd(text: String) {
    let tickets = (0..<4).map { TopicTicket(id: "\($0)", subject: "", body: text) }
    let analysis = TopicAnalysis(of: tickets)
    #expect(analysis.topics.map(\.count) == [4])
    #expect(analysis.topics.first?.label.isEmpty == false)
    #expect((analysis.topics.first?.label.count ?? 0) <= 60)
  }

  @Test(
    "Texts without a word of content are in no topic, however often they come",
    arguments: [
      "ok", "OK!", "no", "No.", "thanks", "Thank you very much", "yes please", "x", "a b", "😀😀", "👍", "12345", "?",
      "<b></b>", "Danke", "merci", "la", "the", "مرحبا", "谢谢",
    ])
  func withoutContent(text: String) {
    let tickets = (0..<4).map { TopicTicket(id: "\($0)", subject: "", body: text) }
    let analysis = TopicAnalysis(of: tickets)
    #expect(analysis.topics.isEmpty, "\(analysis.topics.map(\.label))")
    #expect(analysis.assignments == [nil, nil, nil, nil])
  }

  @Test("Different texts without content do not make a topic beside the others, nor join one")
  func withoutContentAmongOthers() {
    let empty = ["ok", "no", "thanks", "👍", "k", "yes", "hello", "?"]
    let tickets =
      Self.tickets() + empty.enumerated().map { TopicTicket(id: "E-\($0.offset)", subject: $0.element, body: "") }
    let analysis = TopicAnalysis(of: tickets)
    #expect(analysis.topics.map(\.members) == [[0, 1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11]])
    #expect(analysis.assignments.suffix(empty.count).allSatisfy { $0 == nil })
  }

  @Test("Short Spanish and French texts are apart, and no function word is a label")
  func shortTexts() {
    let spanish = ["La factura no llega", "Falta la factura", "La factura está mal", "No veo la factura"]
    let french = ["La facture est fausse", "La facture manque", "Où est la facture ?", "Je ne trouve pas la facture"]
    let tickets = (spanish + french).enumerated().map {
      TopicTicket(id: "\($0.offset)", subject: "", body: $0.element)
    }
    let analysis = TopicAnalysis(of: tickets)
    for topic in analysis.topics {
      #expect(Set(topic.members.map { $0 < spanish.count }).count == 1, "\(topic.label): \(topic.members)")
      #expect(topic.label.lowercased() != "la")
    }
    #expect(Set(analysis.topics.map(\.language)).isSubset(of: [Language(rawValue: "es"), Language(rawValue: "fr")]))
  }

  @Test("Texts of an unknown language are compared with each other only")
  func unknownLanguage() {
    let unknown = ["solicitar documentos", "solicitar documentos!", "solicitar documentos 2"]
    let tickets = (unknown + ["How do I export documents?"]).enumerated().map {
      TopicTicket(id: "\($0.offset)", subject: "", body: $0.element)
    }
    let topics = TopicAnalysis(of: tickets).topics
    #expect(topics.map(\.language) == [.unknown])
    #expect(topics.map(\.members) == [[0, 1, 2]])
    #expect(topics.allSatisfy { $0.centre.kind == .letters })
  }

  @Test("A label has no number that only one of its tickets has")
  func tellingLabels() {
    let forms = (100..<110).map {
      TopicTicket(id: "\($0)", subject: "Bestellung \($0) ist nicht da", body: "", locale: "de")
    }
    #expect(TopicAnalysis(of: forms).topics.map(\.label) == ["Bestellung ist nicht da"])
    let same = (0..<4).map { TopicTicket(id: "\($0)", subject: "Fehler 500 beim Export", body: "", locale: "de") }
    #expect(TopicAnalysis(of: same).topics.map(\.label) == ["Fehler 500 beim Export"])
  }
}
