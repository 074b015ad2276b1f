import Testing
import Topics

@Suite("The text of tickets")
struct TicketTextTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var subject = ""
    var body = ""
    var expected: String

    init(_ name: String, subject: String = "", body: String = "", _ expected: String) {
      testDescription = name
      self.subject = subject
      self.body = body
      self.expected = expected
    }
  }

  static let mail = [
    Case("subject and body", subject: "Export fails", body: "It stops at 10 %.", "Export fails\nIt stops at 10 %."),
    Case(
      "a body that repeats the subject", subject: "Export fails", body: "Export fails at 10 %", "Export fails at 10 %"),
    Case("reply prefixes", subject: "Re: AW: [Ticket #1204] Fwd: Export fails", "Export fails"),
    Case("lines of a paragraph are joined", body: "The export\r\nfails.\r\n\r\nAlways.", "The export fails.\nAlways."),
    Case(
      "quoted reply above", body: "> Did it work?\n> Dana\n\nNo, it still fails.", "No, it still fails."),
    Case(
      "quoted reply below",
      body: "It still fails.\n\nOn Mon, 3 Mar 2026 at 10:00, Dana <d@example.com> wrote:\n> Better?",
      "It still fails."),
    Case(
      "a reply below its quote", body: "On 3 Mar 2026, Dana wrote:\n> Better?\n\nNo, it still fails.",
      "No, it still fails."),
    Case(
      "a header on two lines",
      body: "It fails.\n\nOn Mon, 3 Mar 2026 at 10:00, Dana Lee\n<d@example.com> wrote:\nHello",
      "It fails."),
    Case(
      "German", body: "Geht nicht.\n\nAm 03.03.2026 um 10:00 schrieb Dana Lee:\nHallo, bitte testen.", "Geht nicht."),
    Case("French", body: "Rien ne marche.\nLe lun. 3 mars 2026 à 10:00, Dana a écrit :\n> Bonjour", "Rien ne marche."),
    Case(
      "Outlook", body: "Still broken.\n\nFrom: Dana Lee\nSent: Monday\nTo: Jan\nSubject: Export\n\nPlease test.",
      "Still broken."),
    Case("original message", body: "Still broken.\n-----Original Message-----\nFrom: Dana\n\nPlease.", "Still broken."),
    Case(
      "a forwarded mail with nothing above it",
      body: "---------- Forwarded message ---------\nFrom: Jan\nSubject: Export\n\nThe export fails.",
      "The export fails."),
    Case("a sentence that ends with a colon", body: "My boss wrote:\nplease cancel", "My boss wrote: please cancel"),
  ]

  static let signatures = [
    Case("two dashes", body: "It fails.\n-- \nDana Lee\nACME", "It fails."),
    Case("greeting and closing", body: "Hi team,\n\nit fails.\n\nBest regards,\nDana", "it fails."),
    Case("a closing with a name", body: "It fails.\nKind regards Dana Lee", "It fails."),
    Case("German", body: "Guten Tag,\nder Export bricht ab.\nMit freundlichen Grüßen\nJan", "der Export bricht ab."),
    Case("Spanish", body: "Hola,\nno puedo entrar.\nUn saludo\nAna", "no puedo entrar."),
    Case("a phone", body: "It fails.\n\nSent from my iPhone", "It fails."),
    Case("thanks at the end", body: "It fails.\n\nThanks!\nDana", "It fails."),
    Case("nothing but thanks", body: "Thanks!", "Thanks!"),
    Case("a greeting alone", body: "Hello", "Hello"),
    Case("a question that begins as a greeting", body: "Hi can I export this", "Hi can I export this"),
  ]

  static let machines = [
    Case("a URL and an address", body: "See https://example.com/a?b=c or mail me@example.com now", "See or mail now"),
    Case(
      "a Java trace",
      body: "It crashes:\njava.lang.IllegalStateException: closed\n\tat a.b.C.d(C.java:12)\n\t... 12 more\nWhat now?",
      "It crashes: What now?"),
    Case(
      "a Python trace",
      body: "Broken\nTraceback (most recent call last):\n  File \"a.py\", line 3, in f\nWhy?", "Broken Why?"),
    Case("log lines", body: "Broken\n2026-11-30T10:00:00Z ERROR boom\n[10:00:00.123] closing\nWhy?", "Broken Why?"),
    Case(
      "a date that a person wrote", body: "2026-11-30 was the last day it worked",
      "2026-11-30 was the last day it worked"),
    Case("a level that a person wrote", body: "Error when I save", "Error when I save"),
    Case("fenced code", body: "Broken:\n```\nlet a = 1\n```\nWhy?", "Broken: Why?"),
    Case("an identifier", body: "Order 9f86d081884c7d659a2feaa0c55ad015 is lost", "Order is lost"),
    Case(
      "HTML",
      body: "<html><head><style>p{}</style></head><p>Can&#39;t <b>log</b> in &amp; out</p><blockquote>old</blockquote>",
      "Can't log in & out"),
    Case("no HTML", body: "a < b and I <3 it", "a < b and I <3 it"),
    Case("invisible characters", body: "\u{feff}Ex\u{200b}port\u{0} fails", "Export fails"),
  ]

  static let leftovers = [
    Case("nothing", ""),
    Case("white space", subject: " ", body: "\n\t ", ""),
    Case("only a URL", body: "https://example.com/", "https://example.com/"),
    Case("only a URL below a subject", subject: "Broken page", body: "https://example.com/", "Broken page"),
    Case("emoji", body: "😀😀", "😀😀"),
    Case("a family", body: "👩‍👩‍👧", "👩‍👩‍👧"),
    Case("Arabic", body: "لا أستطيع تسجيل الدخول", "لا أستطيع تسجيل الدخول"),
    Case("Chinese", body: "无法登录，请帮忙", "无法登录，请帮忙"),
  ]

  @Test("Mails, signatures, machine text and leftovers", arguments: mail + signatures + machines + leftovers)
  func cleaned(_ example: Case) {
    #expect(TicketText.cleaned(subject: example.subject, body: example.body) == example.expected)
  }

  @Test(
    "A text of a megabyte is cut, whatever it contains",
    arguments: [
      "a", "word ", "<", "<script>", "<!--", "&", "\n", "hi\n", "thanks\n", "> ", "From: a\n", "e\u{301}", "😀", "```\n",
    ])
  func megabyte(_ unit: String) {
    let body = String(repeating: unit, count: 1_000_000 / unit.utf8.count)
    let clock = ContinuousClock()
    var text = ""
    let duration = clock.measure { text = TicketText.cleaned(subject: "Broken", body: body) }
    #expect(text.hasPrefix("Broken"))
    #expect(text.count <= TicketText.limit)
    #expect(duration < .seconds(20))
  }
}
