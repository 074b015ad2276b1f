/// Which texts say something that a topic can be about.
enum ContentWords {
  /// Whether a text has a word of content. "ok", "no", "thank you", a greeting, single letters, numbers and emoji have
  /// none, and neither has a single function word such as "the".
  static func hasContent(_ text: String) -> Bool {
    let words = text.lowercased().split { !$0.isLetter && $0 != "'" && $0 != "’" }
    // Beside thanks or a greeting, function words say no more: "thank you very much". Elsewhere they may be an answer.
    let isPolite = words.count == 1 || words.contains { politeWords.contains($0) }
    return words.contains { word in isContent(word) && !(isPolite && Language.functionWords.contains(word)) }
  }

  /// Whether a phrase in a language can be a label: "la" cannot, whatever language it was taken for. Longer words that
  /// are function words in another language only, such as "comment", can.
  static func isPhrase(_ phrase: String, in language: Language) -> Bool {
    let stopWords = language.stopWords
    return phrase.split(separator: " ").contains { word in
      let isFunction = stopWords.contains(word) || (word.count <= 3 && Language.functionWords.contains(word))
      return isContent(word) && !isFunction
    }
  }

  /// Whether a text has a word that is neither courtesy nor a function word of any language, so that it can be a label.
  static func isLabel(_ text: String) -> Bool {
    text.lowercased().split { !$0.isLetter && $0 != "'" && $0 != "’" }.contains { word in
      isContent(word) && !Language.functionWords.contains(word)
    }
  }

  /// - Parameter word: a word in lower case.
  private static func isContent(_ word: Substring) -> Bool {
    guard !courtesies.contains(word) else { return false }
    let scalars = word.unicodeScalars.filter { $0.properties.isAlphabetic }
    // One character of Chinese or Japanese is a word.
    return scalars.count > 1 || scalars.first.map(LetterVector.isUnspaced) == true
  }

  /// Assent and refusal, thanks and greetings.
  private static let courtesies = politeWords.union(
    words(
      """
      ok okay k yes yeah yep yup ya no nope please sorry lot bitte ja nein oui non sí si vale sì prego sim não nee nei nej \
      tak nie ne ano evet hayır igen nem kyllä da nu tidak да нет ок نعم لا כן לא 好的 好 是 不 不是 はい いいえ 네 아니요
      """))

  private static let politeWords = words(
    """
    thanks thank thx ty cheers hi hello hey dear bye goodbye welcome danke dankeschön dank vielen hallo merci beaucoup \
    bonjour salut gracias muchas hola grazie mille ciao obrigado obrigada olá oi bedankt hoi tack hej tak takk dziękuję \
    dzięki cześć děkuji díky ahoj teşekkürler merhaba köszönöm szia kiitos moi mulțumesc terima kasih halo спасибо привет \
    здравствуйте شكرا مرحبا תודה שלום 谢谢 你好 您好 ありがとう ありがとうございます こんにちは 감사합니다 안녕하세요
    """)

  private static func words(_ text: String) -> Set<Substring> { Set(text.split(whereSeparator: \.isWhitespace)) }
}
