import Testing

@testable import Gateway

@Suite("Pages")
struct PageTests {
  @Test("Fields are printed one per line, without absent ones, and wrap under their values")
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

  @Test("Nothing is wrapped if the output is not a terminal")
  func unwrapped() {
    var page = Page()
    page.paragraph("one two three four five six seven eight nine ten")
    #expect(page.text() == "one two three four five six seven eight nine ten\n")
  }
}
