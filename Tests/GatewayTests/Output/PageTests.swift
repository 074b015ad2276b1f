import Testing

@testable import Gateway

@Suite("Pages")
struct PageTests {
  @Test("Fields stand below each other, absent ones left out, and wrap under their values")
  func fields() {
    var page = Page()
    page.heading("smart-routing")
    page.fields(["Tier": "1 Major", "Override": nil, "Why": "a kind new-surface is a new product surface"])
    page.bullets(["one two three four five six seven eight nine ten"])
    #expect(
      page.lines(width: 30, style: .plain) == [
        "smart-routing", "Tier  1 Major", "Why   a kind new-surface is a", "      new product surface",
        "  · one two three four five", "    six seven eight nine ten",
      ])
  }

  @Test("Nothing is wrapped where the text does not go to a terminal")
  func unwrapped() {
    var page = Page()
    page.paragraph("one two three four five six seven eight nine ten")
    #expect(page.text() == "one two three four five six seven eight nine ten\n")
  }
}
