import Testing

@Suite("Pages and their examples")
struct DocumentationPageTests {
  @Test("An example is an sh block directly followed by a block without a language")
  func examples() {
    let page = DocumentationPage(
      path: "page.md",
      text: """
        # Page
        ```
        shown
        ```
        ```sh
        not run
        ```

        ```
        apart
        ```
        ```sh
        one
          two
        ```
        ```
        1
        …

        2
        ```
        ```sh
        not run
        ```
        ```yaml
        other
        ```
        """)
    #expect(page.examples.map(\.line) == [12])
    #expect(page.examples.first?.commands == ["one", "  two"])
    #expect(page.examples.first?.output.lines.map(\.number) == [17, 18, 20])
    #expect(page.examples.first?.output.lines.map(\.text) == ["1", "…", "2"])
  }

  @Test(
    "Output matches if it has the lines that the page shows",
    arguments: [
      ("", ""), ("a", "a\n"), ("a\n\n  b c", "a\nb   c\n\n"), ("…", ""), ("…", "a\nb\n"), ("a\n…", "a\n"),
      ("…\nb\n…\nb", "a\nb\nb\n"), ("…\na\nb\n…\nd", "a\na\nb\nc\nd\n"),
      ("run folder …/run, log …", "run folder /tmp/x/run, log /tmp/x/log\n"), ("a…a", "aa\n"), ("… pid …", "x pid y\n"),
      ("Digest b1c63ce55713", "Digest 692b7e1cfbb1\n"), ("by uid:0 at 14:00Z", "by uid:1000 at 14:03:59.123456Z\n"),
      ("1 event… of 4", "1 event, 3 of 4\n"), ("✓ 1/1  · on track", "✓ 1/1 · on track\n"),
    ])
  func matches(shown: String, output: String) {
    #expect(Self.expected(shown).mismatch(with: output) == nil)
  }

  @Test(
    "The first line that the output lacks is named",
    arguments: [
      ("a", "", 1), ("a\nb", "a\n", 2), ("a\nb\nc", "a\nc\n", 2), ("…\nb\n…\nc", "b\na\n", 4), ("b\na", "a\nb\n", 1),
      ("a…a", "a\n", 1), ("x…y…z", "xzy\n", 1), ("exit status 0", "exit status 1\n", 1), ("a\n…b", "a\nc\nb\n", 2),
      ("2027-01-13", "2027-01-14\n", 1), ("GO", "NO-GO\n", 1), ("uid:0", "uid:x\n", 1), ("…\na", "a\nb\n", 0),
    ])
  func missing(shown: String, output: String, line: Int) {
    let expected = Self.expected(shown)
    switch expected.mismatch(with: output) {
    case .missing(let missing)?: #expect(missing.number == line)
    case .unexpected(let extra)?: #expect((line, extra) == (0, "b"))
    case nil: Issue.record("\(output) matches \(shown)")
    }
  }

  @Test("The first line that the page lacks is named")
  func unexpected() {
    #expect(Self.expected("").mismatch(with: "a\n") == .unexpected("a"))
    #expect(Self.expected("a").mismatch(with: "a\n\nwarning:  b\nc\n") == .unexpected("warning:  b"))
    #expect(Self.expected("…\na").mismatch(with: "a\nb\n") == .unexpected("b"))
  }

  @Test("The examples of a page share a shell, and a wrong line is reported with its page", .timeLimit(.minutes(2)))
  func running() async throws {
    let page = DocumentationPage(
      path: "page.md",
      text: """
        ```sh
        cd ~ && word=home
        echo "$word" >&2; false; echo "exit status $?"
        ```
        ```
        home
        exit status 1
        ```
        ```sh
        basename "$PWD"; echo "$word, $NO_COLOR, ${GONOGO_RUN-unset}"
        ```
        ```
        home
        away, 1, unset
        ```
        """)
    let transcript = try await page.run()
    #expect(transcript.outputs == ["home\nexit status 1\n", "home\nhome, 1, unset\n"])
    let problems = page.problems(in: transcript)
    #expect(problems.map(\.line) == [9])
    let description = try #require(problems.first?.description)
    #expect(description.hasPrefix("page.md:9: the output lacks line 14 of the page, “away, 1, unset”"))
    #expect(description.hasSuffix("--- actual\nhome\nhome, 1, unset\n---"))
  }

  @Test("An example that ends the shell, or takes too long, is reported", .timeLimit(.minutes(2)))
  func unfinished() async throws {
    for command in ["echo begun; exit 3", "echo begun; read -r line < <(sleep 60)"] {
      let page = DocumentationPage(
        path: "page.md", text: "```sh\necho 1\n```\n```\n1\n```\n```sh\n\(command)\n```\n```\nbegun\n```\n")
      let problems = page.problems(in: try await page.run(limit: .seconds(2)))
      #expect(problems.map(\.line) == [7])
      #expect(problems.first?.description.hasPrefix("page.md:7: the shell ended before the example did") == true)
    }
  }

  private static func expected(_ text: String) -> ExpectedOutput {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return ExpectedOutput(
      lines.enumerated().map { ExpectedOutput.Line(number: $0.offset + 1, text: String($0.element)) })
  }
}
