import TestSupport
import Testing

@testable import Topics

@Suite("Languages of tickets")
struct LanguageTests {
  @Test(
    "A sentence's language is recognized",
    arguments: [
      ("en", "I cannot log in to my account"), ("en", "payday when"), ("en", "iPhone 15 pro max"),
      ("de", "Ich kann mich nicht in mein Konto einloggen"), ("de", "Wie kann ich die Rechnung herunterladen?"),
      ("fr", "Je ne peux pas me connecter à mon compte"), ("es", "No puedo iniciar sesión en mi cuenta"),
      ("it", "Non riesco ad accedere al mio account"), ("pt", "Não consigo entrar na minha conta"),
      ("nl", "Ik kan niet inloggen op mijn account"), ("sv", "Jag kan inte logga in på mitt konto"),
      ("pl", "Nie mogę się zalogować na moje konto"), ("tr", "Hesabıma giriş yapamıyorum, neden çalışmıyor"),
      ("ru", "Не могу войти в аккаунт"), ("el", "Δεν μπορώ να συνδεθώ"), ("ja", "アカウントにログインできません"),
      ("ja", "請求書が届きません"), ("zh", "无法登录我的账户"), ("ko", "로그인할 수 없습니다"), ("ar", "لا أستطيع تسجيل الدخول"),
      ("he", "אני לא מצליח להתחבר"), ("hi", "मैं लॉग इन नहीं कर पा रहा हूँ"), ("th", "ฉันเข้าสู่ระบบไม่ได้"),
    ])
  func detected(code: String, text: String) { #expect(Language(of: text).rawValue == code) }

  @Test(
    "A short text shows its language, without a locale",
    arguments: [
      ("de", "Rechnung fehlt"), ("de", "Passwort vergessen"), ("de", "Passwort zurücksetzen klappt nicht"),
      ("de", "Zahlung abgelehnt"), ("de", "Kündigung bestätigen"), ("de", "Drucker wird nicht erkannt"),
      ("fr", "La facture est fausse"), ("fr", "Mot de passe oublié"), ("fr", "Paiement refusé"),
      ("fr", "Impossible de se connecter"), ("fr", "La page ne charge pas"),
      ("es", "La factura no llega"), ("es", "Olvidé mi contraseña"), ("es", "Pago rechazado"),
      ("es", "Quiero cancelar la suscripción"), ("es", "La aplicación se cierra"),
      ("it", "La fattura manca"), ("it", "Pagamento rifiutato"), ("it", "Password dimenticata"),
      ("it", "La pagina non si apre"),
      ("pt", "A fatura está errada"), ("pt", "Esqueci minha senha"), ("pt", "Pagamento recusado"),
      ("pt", "O aplicativo não abre"),
      ("nl", "Wachtwoord vergeten"), ("nl", "De factuur klopt niet"), ("nl", "Betaling geweigerd"),
      ("nl", "De pagina laadt niet"),
      ("en", "Invoice missing"), ("en", "Dashboard slow"), ("en", "dark mode"), ("en", "export tags csv"),
      ("en", "Payment declined"), ("en", "SSO SAML setup"), ("en", "webhook retries"), ("en", "API key rotation"),
      ("en", "mobile app crash android"), ("en", "timezone calendar sync"), ("en", "Password reset complete"),
    ])
  func short(code: String, text: String) { #expect(Language(of: text).rawValue == code) }

  @Test("A text that is not English, but as likely in one language as in another, has none; a locale decides")
  func undecided() {
    // Both words are Spanish and Portuguese alike.
    #expect(Language(of: "solicitar documentos") == .unknown)
    #expect(Language(of: "solicitar documentos", locale: "pt-BR").rawValue == "pt")
    #expect(Language(of: "solicitar documentos", locale: "es").rawValue == "es")
    #expect(Language(of: "facture manquante", locale: "fr").rawValue == "fr")
    #expect(Language.unknown.rawValue == "und")
  }

  @Test("Function words of every language are stop words of an unknown one")
  func stopWords() {
    for word: Substring in ["la", "der", "the", "het", "não"] {
      #expect(Language.unknown.stopWords.contains(word))
    }
    #expect(!Language.unknown.stopWords.contains("funktioniert"))
  }

  @Test(
    "The locale decides only what the text leaves open",
    arguments: [
      ("de", "Export CSV", "de-AT"), ("en", "I cannot log in to my account", "de-DE"),
      ("uk", "Не можу увійти", "uk-UA"),
      ("ja", "請求書", "ja_JP"), ("en", "", nil), ("fr", "", "fr"), ("en", "12345", nil),
      ("fr", "Je ne peux pas me connecter", "en-US"),
    ] as [(String, String, String?)])
  func hinted(code: String, text: String, locale: String?) {
    #expect(Language(of: text, locale: locale).rawValue == code)
  }

  @Test("All 745 shared tickets are English", .enabled(if: TestData.isAvailable, "shared/data is missing"))
  func sharedTickets() throws {
    let texts = try TestData.rows("tickets/launch_week_clinc150.csv").compactMap { $0["text"] }
    #expect(texts.count == 745)
    #expect(texts.filter { Language(of: $0) != .english } == [])
  }
}
