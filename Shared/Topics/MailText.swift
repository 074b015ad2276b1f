/// The part of a mail that its sender wrote: the text without quoted mails, forwarding headers, greetings and
/// signatures.
enum MailText {
  private static let prefixes: Set<String> = [
    "re", "fw", "fwd", "aw", "wg", "sv", "vs", "rv", "tr", "ref", "antw", "odp", "ynt", "回复", "转发", "答复",
  ]

  /// Returns a subject without "Re:", "Fwd:" and the like, and without a ticket's number in brackets.
  static func withoutReplyPrefix(_ subject: String) -> String {
    var rest = subject.drop(while: \.isWhitespace)
    while true {
      if rest.first == "[", let close = rest.prefix(60).firstIndex(of: "]"), rest[..<close].contains(where: \.isNumber)
      {
        rest = rest[rest.index(after: close)...].drop(while: \.isWhitespace)
      } else if let colon = rest.prefix(8).firstIndex(where: { ":：".contains($0) }),
        prefixes.contains(rest[..<colon].prefix { $0.isLetter }.lowercased())
      {
        rest = rest[rest.index(after: colon)...].drop(while: \.isWhitespace)
      } else {
        return String(rest)
      }
    }
  }

  /// Returns the lines that the sender wrote. The lines below a forwarding header are kept if there are none above it.
  static func written(in lines: [Substring]) -> [Substring] {
    var kept: [Substring] = []
    var hasText = false
    var index = 0
    while index < lines.count {
      let line = trimmed(lines[index])
      if line.hasPrefix(">") {
        index += 1
      } else if let count = quoteHeader(in: lines, at: index) {
        let next = lines[(index + count)...].prefix(3).map(trimmed).first { !$0.isEmpty }
        if hasText, next?.hasPrefix(">") != true { break }
        index += count
      } else if isSignature(line, below: lines[(index + 1)...]) {
        if hasText { break }
        index += 1
      } else {
        if hasText || !isGreeting(line, below: lines[(index + 1)...]) {
          kept.append(line)
          hasText = hasText || line.contains { $0.isLetter || $0.isNumber }
        }
        index += 1
      }
    }
    return kept
  }

  // MARK: Quoted mail

  private static let wrote = [
    "wrote", "schrieb", "a écrit", "escribió", "ha scritto", "escreveu", "schreef", "napisał", "skrev", "пишет",
    "написал", "написала", "写道", "のメッセージ",
  ]
  private static let senderFields: Set<String> = [
    "from", "von", "de", "da", "van", "fra", "från", "od", "от", "发件人", "差出人",
  ]
  private static let otherFields: Set<String> = [
    "sent", "date", "to", "cc", "subject", "gesendet", "datum", "an", "betreff", "envoyé", "à", "objet", "enviado",
    "fecha", "para", "asunto", "inviato", "data", "a", "oggetto", "assunto", "verzonden", "aan", "onderwerp",
    "отправлено", "кому", "тема", "дата", "发送时间", "收件人", "主题", "日期", "送信日時", "宛先", "件名",
  ]

  /// Returns the number of lines that introduce a quoted mail at this position; nil if there are none.
  private static func quoteHeader(in lines: [Substring], at index: Int) -> Int? {
    let line = trimmed(lines[index])
    if isDashed(line) { return 1 + fields(in: lines, at: index + 1) }
    if introducesQuote(line) { return 1 }
    if index + 1 < lines.count, line.count < 160, line.contains(where: \.isNumber) {
      let next = trimmed(lines[index + 1])
      if next.count < 80, introducesQuote(line + " " + next), !next.isEmpty { return 2 }
    }
    guard let name = fieldName(line), senderFields.contains(name) else { return nil }
    let count = fields(in: lines, at: index)
    let names = lines[index..<(index + count)].compactMap { fieldName(trimmed($0)) }
    return names.dropFirst().contains { otherFields.contains($0) } ? count : nil
  }

  /// Returns whether a line is like "-----Original Message-----", in any language.
  private static func isDashed(_ line: Substring) -> Bool {
    guard line.hasPrefix("---"), line.hasSuffix("---"), line.count < 80 else { return false }
    return line.contains(where: \.isLetter)
  }

  /// Returns whether a line is like "On 12 March 2026 at 10:00, Dana Lee wrote:".
  private static func introducesQuote(_ line: Substring) -> Bool {
    guard let last = line.last, ":：".contains(last), line.count < 240, line.contains(where: \.isNumber) else {
      return false
    }
    let text = line.lowercased()
    return wrote.contains { text.contains($0) }
  }

  private static func fields(in lines: [Substring], at start: Int) -> Int {
    var end = start
    while end < lines.count, end < start + 8 {
      guard let name = fieldName(trimmed(lines[end])), senderFields.contains(name) || otherFields.contains(name) else {
        break
      }
      end += 1
    }
    return end - start
  }

  private static func fieldName(_ line: Substring) -> String? {
    guard let colon = line.prefix(16).firstIndex(where: { ":：".contains($0) }) else { return nil }
    return line[..<colon].filter { !$0.isWhitespace && $0 != "*" }.lowercased()
  }

  // MARK: Greetings and signatures

  private static let devices = [
    "sent from my", "sent from outlook", "sent from mail", "sent via", "get outlook for", "von meinem", "gesendet von",
    "gesendet mit", "envoyé de mon", "envoyé depuis", "enviado desde mi", "enviado do meu", "inviato da",
    "verzonden vanaf", "отправлено с", "iphoneから送信", "发自我的",
  ]
  private static let closings = [
    "best regards", "kind regards", "warm regards", "regards", "best wishes", "all the best", "sincerely",
    "yours sincerely", "yours faithfully", "yours truly", "mit freundlichen grüßen", "mit freundlichem gruß",
    "freundliche grüße", "viele grüße", "liebe grüße", "beste grüße", "cordialement", "bien cordialement",
    "bien à vous", "salutations", "saludos", "un saludo", "saludos cordiales", "atentamente", "cordiali saluti",
    "distinti saluti", "saluti", "atenciosamente", "cumprimentos", "met vriendelijke groet", "groeten",
    "med vänliga hälsningar", "med venlig hilsen", "z poważaniem", "с уважением", "よろしくお願いします", "此致",
  ]
  private static let thanks = [
    "thanks", "thank you", "many thanks", "thanks in advance", "thank you in advance", "cheers", "danke",
    "vielen dank", "merci", "merci d'avance", "gracias", "muchas gracias", "grazie", "obrigado", "obrigada", "bedankt",
    "tack", "dziękuję", "спасибо", "ありがとうございます", "谢谢",
  ]
  private static let greetings = [
    "hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "greetings", "hallo", "guten tag",
    "guten morgen", "sehr geehrte", "liebe", "lieber", "liebes", "bonjour", "madame", "hola", "buenos días",
    "buenas tardes", "ciao", "buongiorno", "gentile", "olá", "bom dia", "beste", "goedendag", "hej", "dzień dobry",
    "здравствуйте", "добрый день", "こんにちは", "お世話になっております", "你好", "您好",
  ]

  private static func isSignature(_ line: Substring, below rest: ArraySlice<Substring>) -> Bool {
    if line == "--" || line == "—" || line == "––" { return true }
    guard !line.isEmpty, line.count < 80 else { return false }
    let text = line.lowercased()
    if devices.contains(where: { text.hasPrefix($0) }) { return true }
    let words = text.split { !$0.isLetter && $0 != "'" }
    let phrase = words.joined(separator: " ")
    let isClosing = closings.contains { begins(phrase, with: $0, atMost: 3, of: words.count) }
    guard isClosing || thanks.contains(where: { begins(phrase, with: $0, atMost: 2, of: words.count) }) else {
      return false
    }
    let below = rest.prefix(60).map(trimmed).filter { !$0.isEmpty }
    // Thanks may also occur in the middle of a text.
    return isClosing ? below.count <= 12 : below.count <= 6 && below.prefix(3).allSatisfy { $0.count < 40 }
  }

  /// Returns whether a line has a phrase and at most a few words after it, such as a name.
  private static func begins(_ text: String, with phrase: String, atMost more: Int, of count: Int) -> Bool {
    guard text.hasPrefix(phrase) else { return false }
    let next = text.dropFirst(phrase.count).first
    return (next == nil || next == " ") && count <= phrase.split(separator: " ").count + more
  }

  private static func isGreeting(_ line: Substring, below rest: ArraySlice<Substring>) -> Bool {
    guard !line.isEmpty, line.count < 60, rest.contains(where: { $0.contains(where: \.isLetter) }) else { return false }
    let words = line.lowercased().split { !$0.isLetter && $0 != "'" }
    let text = words.joined(separator: " ")
    let isClosed = line.last.map { ",!.:，！。、".contains($0) } ?? false
    return greetings.contains { begins(text, with: $0, atMost: isClosed ? 4 : 2, of: words.count) }
  }

  private static func trimmed(_ line: Substring) -> Substring {
    var line = line.drop(while: \.isWhitespace)
    while let last = line.last, last.isWhitespace { line.removeLast() }
    return line
  }
}
