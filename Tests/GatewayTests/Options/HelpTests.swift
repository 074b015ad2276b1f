import ArgumentParser
import Testing

@testable import Gateway

@Suite("Help pages")
struct HelpTests {
  /// A command with its full name, e.g. `launch show`.
  struct Entry: Sendable, CustomTestStringConvertible {
    var name: String
    var command: any ParsableCommand.Type

    var testDescription: String { name }
  }

  static let commands = entries(below: Gonogo.self, "")
  // The item commands have no examples yet.
  static let leaves = commands.filter {
    $0.command.configuration.subcommands.isEmpty
  }

  private static func entries(below command: any ParsableCommand.Type, _ prefix: String) -> [Entry] {
    command.configuration.subcommands.flatMap { subcommand in
      let name = "\(prefix)\(subcommand.configuration.commandName ?? "?")"
      return [Entry(name: name, command: subcommand)] + entries(below: subcommand, "\(name) ")
    }
  }

  @Test("Every abstract is a sentence under 70 characters", arguments: commands)
  func abstracts(entry: Entry) {
    let abstract = entry.command.configuration.abstract
    #expect(abstract.hasSuffix(".") && abstract.first?.isUppercase == true)
    #expect(abstract.count < 70)
  }

  @Test("Every command has two examples that it parses, on lines that fit a terminal", arguments: leaves)
  func examples(entry: Entry) throws {
    let page = Gonogo.helpMessage(for: entry.command, columns: 80)
    let block = try #require(page.firstRange(of: "Examples:\n")).upperBound
    let end = try #require(page[block...].firstRange(of: "\n\n")).lowerBound
    let examples = page[block..<end].replacing("\\\n", with: " ").split(separator: "\n")
    #expect(examples.count >= 2)
    for example in examples {
      #expect(example.hasPrefix("  gonogo \(entry.name)"), "\(example)")
      let words = try ShellWords(example)
      let command = try Gonogo.parseAsRoot(Array(words.arguments.dropFirst()))
      #expect(type(of: command) == entry.command, "\(example)")
    }
    #expect(page[..<end].split(separator: "\n").allSatisfy { $0.count <= 80 })
  }
}

/// Splits a command line like a shell: single quotes group words, and redirections are dropped.
struct ShellWords {
  private(set) var arguments: [String] = []

  init(_ line: some StringProtocol) throws {
    var (word, isQuoted, isWord): (String, Bool, Bool) = ("", false, false)
    var words: [String] = []
    for character in line {
      switch character {
      case "'":
        isQuoted.toggle()
        isWord = true
      case " " where !isQuoted:
        if isWord { words.append(word) }
        (word, isWord) = ("", false)
      default:
        word.append(character)
        isWord = true
      }
    }
    try #require(!isQuoted, "an unclosed quote in \(line)")
    if isWord { words.append(word) }
    while let redirection = words.firstIndex(where: { $0 == "<" || $0 == ">" }) {
      try #require(redirection + 1 < words.count)
      words.removeSubrange(redirection...(redirection + 1))
    }
    arguments = words
  }
}
