import JSON
import Testing

@Suite("Excerpts")
struct ExcerptTests {
  @Test("A text within the limit is quoted whole, a longer one by its beginning")
  func limit() {
    #expect(Excerpt.of(String(repeating: "a", count: 100)) == String(repeating: "a", count: 100))
    #expect(Excerpt.of(String(repeating: "a", count: 101)) == String(repeating: "a", count: 97) + "…")
  }

  @Test("No character is cut in two", arguments: ["ä", "€", "😀"])
  func characters(character: String) {
    for offset in 0..<4 {
      let text = String(repeating: "a", count: offset) + String(repeating: character, count: 100)
      let excerpt = Excerpt.of(text)
      #expect(excerpt.utf8.count <= 100)
      #expect(excerpt.hasSuffix(character + "…"))
    }
  }

  @Test("A description keeps its own words, and only its quotations are shortened")
  func description() {
    let long = String(repeating: "x", count: 5_000)
    #expect(
      Excerpt.shortening("no launch \"\(long)\"; did you mean \"y\"?")
        == "no launch \"\(Excerpt.of(long))\"; did you mean \"y\"?")
    #expect(Excerpt.shortening(long + long).utf8.count == Excerpt.describedBytes)
    #expect(Excerpt.shortening("short") == "short")
  }

  @Test("A quotation mark that is escaped as in JSON does not end a quotation")
  func escaped() {
    let long = String(repeating: #"\"\\"#, count: 100)
    #expect(Excerpt.shortening("data is \"\(long)\"; expected x") == "data is \"\(Excerpt.of(long))\"; expected x")
    #expect(Excerpt.endsInQuotes(#"["a…"#))
    #expect(!Excerpt.endsInQuotes(#"["a"…"#))
    #expect(Excerpt.endsInQuotes(#""a\""#))
  }
}
