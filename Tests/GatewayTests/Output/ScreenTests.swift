import Testing

@testable import Gateway

@Suite("Screens")
struct ScreenTests {
  @Test("A frame overwrites the lines of the previous one, and clears what is beside and below")
  func frame() {
    #expect(Screen.frame(["a", "b"], rows: 24) == "\u{1B}[Ha\u{1B}[K\nb\u{1B}[K\n\u{1B}[J")
  }

  @Test("Lines that do not fit a terminal are left out, so that it does not scroll")
  func tall() {
    #expect(Screen.frame(["a", "b", "c"], rows: 3) == Screen.frame(["a", "b"], rows: 24))
  }
}
