/// A Markdown page with examples: `sh` blocks, each directly followed by a block without a language, its output.
struct DocumentationPage {
  /// Commands and the output that the page shows for them.
  struct Example {
    /// The line of the page on which the commands' block begins.
    var line: Int
    var commands: [String]
    var output: ExpectedOutput
  }

  /// The path relative to the repository.
  let path: String
  let examples: [Example]

  init(path: String, text: String) {
    self.path = path
    let blocks = Self.blocks(of: text)
    examples = zip(blocks, blocks.dropFirst()).compactMap { block, next in
      guard block.language == "sh", next.language.isEmpty, next.line == block.end + 1 else { return nil }
      let lines = next.lines.enumerated().map { index, text in
        ExpectedOutput.Line(number: next.line + 1 + index, text: text)
      }
      return Example(line: block.line, commands: block.lines, output: ExpectedOutput(lines))
    }
  }

  /// An example whose output is not the one shown.
  struct Problem {
    /// The line of the page on which the example begins.
    var line: Int
    /// The page and the line, the first difference, and both outputs.
    var description: String
  }

  /// Compares the outputs of the examples with those that the page shows.
  func problems(in transcript: PageTranscript) -> [Problem] {
    examples.enumerated().compactMap { index, example in
      let finished = index < transcript.outputs.count
      // Nothing is known about the examples after one that the shell did not finish.
      guard finished || index == transcript.outputs.count else { return nil }
      let actual = finished ? transcript.outputs[index] : transcript.rest
      let difference: String
      switch example.output.mismatch(with: actual) {
      case _ where !finished: difference = "the shell ended before the example did"
      case .missing(let line)?: difference = "the output lacks line \(line.number) of the page, “\(line.text)”"
      case .unexpected(let line)?: difference = "the page lacks a line of the output, “\(line)”"
      case nil: return nil
      }
      let shown = example.output.lines.map(\.text).joined(separator: "\n")
      return Problem(
        line: example.line,
        description: "\(path):\(example.line): \(difference)\n--- expected\n\(shown)\n--- actual\n\(actual)---")
    }
  }

  private struct Block {
    var language: String
    /// The line of the opening fence.
    var line: Int
    var lines: [String] = []
    /// The line of the closing fence.
    var end = 0
  }

  private static func blocks(of text: String) -> [Block] {
    var blocks: [Block] = []
    var open: Block?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if var block = open {
        if line == "```" {
          block.end = index + 1
          blocks.append(block)
          open = nil
        } else {
          open?.lines.append(String(line))
        }
      } else if line.hasPrefix("```") {
        open = Block(language: String(line.dropFirst(3)), line: index + 1)
      }
    }
    return blocks
  }
}
