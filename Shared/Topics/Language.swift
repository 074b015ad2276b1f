/// The language of a ticket: English, which the sentence encoder supports, or another one, whose texts are compared by
/// their letters.
public struct Language: RawRepresentable, Sendable, Hashable, Comparable {
  /// The ISO 639-1 code, such as `en`; `und` if the text does not show it.
  public let rawValue: String

  /// Creates the language with a code, which is not checked.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// English.
  public static let english = Language(rawValue: "en")
  /// An unknown language.
  public static let unknown = Language(rawValue: "und")

  /// Orders languages by code.
  public static func < (left: Language, right: Language) -> Bool { left.rawValue < right.rawValue }

  /// Detects the language of a text by its script and, in Latin script, by its most frequent words, its letters and
  /// their sequences.
  ///
  /// - Parameter locale: What the help desk says, such as `de-AT`. It decides if the text does not; a text in Latin
  ///   script without evidence or locale is taken for English, and one that is plainly not English, but as likely to be
  ///   in one language as in another, is `unknown`.
  public init(of text: String, locale: String? = nil) {
    let hint = locale.map { $0.prefix { $0.isLetter }.lowercased() }.flatMap { $0.isEmpty ? nil : $0 }
    switch Script(of: text) {
    case .latin: self.init(rawValue: Self.latin(text, hint: hint))
    case .other(let languages):
      self.init(rawValue: hint.flatMap { languages.contains($0) ? $0 : nil } ?? languages[0])
    case nil: self = Language(rawValue: hint ?? "en")
    }
  }

  /// The words that say nothing about a text's topic; of an unknown language, those of all.
  var stopWords: Set<Substring> { self == .unknown ? Self.functionWords : Self.wordsByLanguage[rawValue] ?? [] }

  /// The words that say nothing about a topic in some language.
  static let functionWords: Set<Substring> = {
    // The lists also have what "works" is in each language, because it is frequent in tickets.
    let verbs: Set<Substring> = [
      "funktioniert", "marche", "funciona", "funziona", "werkt", "fungerar", "virker", "fungerer", "toimi", "działa",
      "nefunguje", "çalışmıyor", "működik", "funcționează",
    ]
    return wordsByLanguage.values.reduce(into: Set<Substring>()) { $0.formUnion($1) }.subtracting(verbs)
  }()

  /// What one word or letter that only one language has counts for; a multiple of all numbers of languages to 16, so
  /// that sums are exact.
  private static let whole = 720_720

  /// Returns the language with the most evidence; each frequent word counts, divided among the languages that have it.
  /// What words leave open, sequences of letters decide.
  private static func latin(_ text: String, hint: String?) -> String {
    let lowercased = text.prefix(1_000).lowercased()
    // Each word counts once, or "4 plus 5 plus 6" would be French.
    let words = Set(lowercased.split(whereSeparator: { !$0.isLetter && $0 != "'" && $0 != "’" }))
    var evidence: [String: Int] = [:]
    for languages in words.map({ languagesByWord[$0, default: []] }) {
      for language in languages { evidence[language, default: 0] += whole / languages.count }
    }
    for character in Set(lowercased) where !character.isASCII {
      let languages = languagesByLetter[character, default: []]
      for language in languages { evidence[language, default: 0] += whole / languages.count }
    }
    if let hint { evidence[hint, default: 0] += whole * 3 / 4 }
    let english = evidence["en", default: 0]
    let best = evidence.max { ($0.value, $1.key) < ($1.value, $0.key) }
    // A name or one borrowed word does not make another language, unless the locale says so.
    if let best, best.value > english, best.key == hint || best.value >= max(whole * 3 / 2, english + whole / 4) {
      return LanguageLikelihood(evidence: evidence, words: words, whole: whole)
        .nearest(to: best.key, value: best.value, isHint: best.key == hint)
    }
    guard english < whole / 2 || english < best?.value ?? 0 else { return "en" }
    let other = LanguageLikelihood(evidence: evidence, words: words, whole: whole).unlikeEnglish
    return other ?? (english == 0 ? hint ?? "en" : "en")
  }

  private static let wordsByLanguage: [String: Set<Substring>] = frequentWords.mapValues {
    Set($0.split(separator: " "))
  }
  private static let languagesByWord: [Substring: [String]] = {
    var languages: [Substring: [String]] = [:]
    for (language, words) in wordsByLanguage.sorted(by: { $0.key < $1.key }) {
      for word in words.union(supportWords[language, default: ""].split(separator: " ")) {
        languages[word, default: []].append(language)
      }
    }
    return languages
  }()
  private static let languagesByLetter: [Character: [String]] = {
    var languages: [Character: [String]] = [:]
    for (language, letters) in [
      ("de", "äöüß"), ("fr", "àâçèéêëîïôùûœ"), ("es", "áéíñóú¿¡"), ("it", "àèéìòù"), ("pt", "áâãçéêíóôõú"),
      ("nl", "ëï"), ("sv", "åäö"), ("da", "æøå"), ("no", "æøå"), ("fi", "äö"), ("pl", "ąćęłńóśźż"),
      ("cs", "áčďéěíňóřšťúůýž"), ("tr", "çğıöşü"), ("hu", "áéíóöőúüű"), ("ro", "ăâîșț"),
    ] {
      for letter in letters { languages[letter, default: []].append(language) }
    }
    return languages
  }()

  /// Words that are frequent in tickets, and show a language without being empty of meaning.
  private static let supportWords = [
    "en": """
    address available billing broken button cancel change charged close crashes create customer delete delivery \
    disable download enable enter failed fails file files find forgot help invoice issue list lists loading \
    missing open payment question received refund remove reset save screen search sent settings shipping show \
    slow stopped unable updated upload users valid working works wrong
    """,
    "de": """
    rechnung passwort zahlung bestellung konto anmeldung kündigung fehler fehlt falsch vergessen langsam \
    lieferung rückerstattung abgelehnt bestätigen ändern löschen herunterladen kaputt
    """,
    "fr": """
    facture paiement commande compte passe connexion abonnement oublié erreur remboursement livraison refusé \
    changer supprimer télécharger lent
    """,
    "es": """
    factura pago pedido cuenta contraseña correo suscripción cancelar reembolso envío olvidé rechazado cambiar \
    descargar borrar lento falta
    """,
    "it": """
    fattura pagamento ordine conto accesso abbonamento rimborso spedizione dimenticata rifiutato cambiare \
    scaricare lento errore manca
    """,
    "pt": """
    fatura pagamento pedido conta senha assinatura reembolso entrega esqueci recusado baixar alterar lento erro \
    errada falta
    """,
    "nl": """
    factuur betaling bestelling wachtwoord inloggen abonnement terugbetaling levering vergeten geweigerd \
    wijzigen downloaden traag fout klopt
    """,
  ]

  private static let frequentWords = [
    "en": """
    a about after again all also am an and any are as at be because been before but by can can't cannot could did do \
    does doesn't doing don't for from get got had has have having he her here hers him his how i i'd i'll i'm i've if \
    in into is isn't it it's its just like me more most my no not of off on one only or our out over please she should \
    so some still than that the their them then there these they this those to too up us very was we were what what's \
    when where which who whom why will with won't would you you're your yours need want know let make give tell much \
    many per something someone anything instead without
    """,
    "de": """
    aber alle als am an auch auf aus bei beim bin bitte da das dass dem den der des die dies diese dieser doch dort du \
    ein eine einem einen einer es etwas für gibt habe haben hat hier ich ihr ihre ihren im in ist ja kann kein keine \
    können man mehr mein meine meinem meinen meiner mich mir mit muss nach nicht noch nur ob oder ohne schon sehr sein \
    seit sich sie sind so um und uns unsere unter vom von vor war warum was wenn wer werden wie wieder wir wird wo wo \
    zu zum zur über möchte funktioniert
    """,
    "fr": """
    alors après au aucun aussi aux avec avez avoir avant ce cela ces cet cette comme comment d' dans de depuis des \
    donc du elle en encore est et être fait faire il ils j'ai je la le les leur lui ma mais me mes moi mon ne nos notre \
    nous on ou où par pas peut peux pour pourquoi puis quand que quel quelle qui sa sans se ses si son sont sur \
    ta tous tout toujours très un une vos votre vous c'est n'est qu'il puis-je marche
    """,
    "es": """
    a al algo alguien antes aunque como con cómo cuando cuándo cuál de del desde donde dónde el ella ellos en es esa \
    ese eso esta este esto está están estoy fue ha hace hay he hola la las le lo los más me mi mis muy nada ni no nos \
    nuestro o para pero por porque puede puedo qué que quiero se ser si sin sobre son soy su sus también tengo tiene \
    todo todos tu un una unos y favor funciona
    """,
    "it": """
    a ad al alla anche ancora avere c'è che chi ci come con cosa cui da dal dalla dei del della delle di dopo dove e è \
    ed fare gli ha hanno i il in io la le lo loro ma mi mia mie mio miei molto ne nel nella non nostro o ogni per \
    perché perche più poi posso prima può quale quando quello questa questo se sei senza si sono sta su sul sulla \
    tutto un una uno vorrei funziona
    """,
    "pt": """
    a ao aos as até com como da das de depois do dos e é ela ele em entre era essa esse esta está estou eu foi há isso \
    isto já mais mas me meu minha meus minhas muito na nas não nem no nos nós o os ou para pela pelo por porque posso \
    qual quando que quem se sem ser seu sua são só também tem tenho um uma você quero consigo
    """,
    "nl": """
    aan al alle als bij dan dat de deze die dit door een en er geen had heb hebben heeft het hij hoe hun ik in is ja je \
    kan kunnen maar me meer met mij mijn moet na naar niet nog nu of om ons onze ook op over te tot u uit uw van veel \
    voor waar waarom wanneer was wat we wel werkt wie wij wil worden wordt zal ze zich zij zijn zo zonder graag
    """,
    "sv": """
    alla allt att av bara blir de den det detta dig din du där efter eller en ett finns för från får går han har hon \
    hur här i ingen inte jag kan man med men mig min mina mitt måste ni nu när och om på sig sin ska som till under \
    upp ut vad var varför vi vill är över fungerar
    """,
    "da": """
    af alle at blev bliver da de dem den der det dig din du efter eller en er et for fra får gør ham han har have hvad \
    hvor hvordan hvorfor hvis i ikke ind jeg kan man med men mig min mine mit nogen nu når og også om op på sig sin \
    skal som til ud var vi vil være virker
    """,
    "no": """
    alle at av bare ble blir da de den der det du eller en er et etter for fra får ha han har hva hvor hvordan hvorfor \
    hvis i ikke inn jeg kan man med meg men min mine mitt noen nå når og også om opp på seg sin skal som til ut var vi \
    vil være fungerer
    """,
    "fi": """
    ei en että hän ja jos joka kanssa kuin kun kuinka me mikä miksi minun minä missä miten mitä mutta myös ne niin nyt \
    oli olen on ovat se sen sitä tai tämä vain voi voin voinko toimi
    """,
    "pl": """
    a ale bez być co czy czym dla do gdzie i ich jak jako jego jej jest jestem już kiedy który która które mam mi \
    mnie może mogę moje moja mój na nie nam o od po pod ponieważ proszę przez przy się są ta tak tam te tego ten to \
    tylko tym u w we z za ze że działa dlaczego
    """,
    "cs": """
    a aby ale ani asi až bez bude by být co do i jak jako je jeho jen jsem jsou k kde kdy když která které který má \
    mám mi mohu můj na ne nebo nefunguje není o od po pod pro proč proto při s se si tak také ten to v ve z za že
    """,
    "tr": """
    ama bana ben benim bir bu bunu çok da daha de değil diye en gibi hiç için ile ise kadar ki mi mu mı mü nasıl ne \
    neden nerede o olan olarak sonra şu var ve veya ya yok çalışmıyor
    """,
    "hu": """
    a az be csak de egy el én és ez ezt fel ha hogy hogyan hol is ki kell le lehet meg mert mi miért mikor mint most \
    nem nincs tudok vagy van volt működik
    """,
    "ro": """
    a ai al am ar are aș că care când ce cu cum da de din după e este eu fi fost în la mai mea meu mi mă nu o pe pentru \
    poate pot sau se și sunt un unde unei funcționează
    """,
    "id": """
    ada adalah akan aku anda apa atau bagaimana bisa dalam dan dari dengan di ini itu juga kami kapan karena ke kenapa \
    mengapa pada saya sudah tidak untuk yang
    """,
  ]
}

/// How likely a text of Latin script is to be in each language, by its words and its sequences of letters.
private struct LanguageLikelihood {
  private let evidence: [String: Int]
  private let whole: Int
  /// The logarithm of each language's likelihood, in units of `LetterSequences.bit`.
  private let values: [String: Int]
  private let sequences: Int

  /// What a word of a language alone counts for, in bits. This and the margins were found on the translations of
  /// another project's interface; see decision 57.
  private static let wordWeight = 3
  private static let minimumSequences = 6
  /// By how many bits a text has to be less likely in English than in another language, with and without a word of
  /// that.
  private static let margins = (withWord: 8, without: 13)
  /// By how many bits a language has to be more likely than the next.
  private static let distinction = 2

  init(evidence: [String: Int], words: Set<Substring>, whole: Int) {
    let (costs, sequences) = LetterSequences.costs(of: words)
    self.evidence = evidence
    self.whole = whole
    self.sequences = sequences
    var values: [String: Int] = [:]
    for (language, cost) in costs {
      let weight = Self.wordWeight * LetterSequences.bit * evidence[language, default: 0] / whole
      values[language] = weight - cost
    }
    self.values = values
  }

  /// The language that words point to, or one that they point to nearly as much and that is likelier.
  func nearest(to language: String, value: Int, isHint: Bool) -> String {
    guard let own = values[language] else { return language }
    let near = values.filter { $0.key != "en" && evidence[$0.key, default: 0] >= value - whole }
    guard let best = near.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return language }
    return isHint && best.value - own < Self.margins.without * LetterSequences.bit ? language : best.key
  }

  /// The likeliest language if English is much less likely, `und` if two are about as likely; nil if it may be English.
  var unlikeEnglish: String? {
    let ranked = values.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    guard sequences >= Self.minimumSequences, ranked.count > 1, ranked[0].key != "en", let english = values["en"] else {
      return nil
    }
    let hasWord = evidence[ranked[0].key, default: 0] >= whole / 2
    let margin = hasWord ? Self.margins.withWord : Self.margins.without
    guard ranked[0].value - english >= margin * LetterSequences.bit else { return nil }
    let isDistinct = ranked[0].value - ranked[1].value >= Self.distinction * LetterSequences.bit
    return isDistinct ? ranked[0].key : Language.unknown.rawValue
  }
}

/// The script of a text, by most of its letters.
private enum Script {
  case latin
  /// Another script, with the languages that use it, most frequent first.
  case other([String])

  /// Returns the script; nil if the text has no letters.
  init?(of text: String) {
    var latin = 0
    var counts: [Int: Int] = [:]
    for scalar in text.unicodeScalars.prefix(1_000) where scalar.properties.isAlphabetic {
      if let index = Self.blocks.firstIndex(where: { $0.range.contains(scalar.value) }) {
        // One character of these scripts carries about as much as two letters.
        counts[index, default: 0] += index < 2 ? 2 : 1
      } else {
        latin += 1
      }
    }
    // Chinese characters in a text with kana are Japanese.
    if let kana = counts[0], let han = counts[1] { counts = counts.merging([0: kana + han, 1: 0]) { $1 } }
    let best = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
    guard let best, best.value > latin else {
      guard latin > 0 else { return nil }
      self = .latin
      return
    }
    self = .other(Self.blocks[best.key].languages)
  }

  private static let blocks: [(range: ClosedRange<UInt32>, languages: [String])] = [
    (0x3040...0x30ff, ["ja"]),
    (0x3400...0x9fff, ["zh", "ja"]),
    (0xac00...0xd7af, ["ko"]),
    (0x0400...0x052f, ["ru", "uk", "bg", "sr", "mk", "be", "kk"]),
    (0x0370...0x03ff, ["el"]),
    (0x0590...0x05ff, ["he", "yi"]),
    (0x0600...0x06ff, ["ar", "fa", "ur"]),
    (0x0900...0x097f, ["hi", "mr", "ne"]),
    (0x0980...0x09ff, ["bn"]),
    (0x0b80...0x0bff, ["ta"]),
    (0x0e00...0x0e7f, ["th"]),
    (0x10a0...0x10ff, ["ka"]),
    (0x0530...0x058f, ["hy"]),
  ]
}
