import ArgumentParser
import Contract
import JSON
import LaunchModel

/// Handles parts of a command line that ArgumentParser does not: the version together with global options, unknown help
/// topics, and the expected form of an invalid value.
enum CommandLineWords {
  /// Returns the version in the requested output format if the words are only `--version` and global options; else nil.
  ///
  /// ArgumentParser's own `--version` would apply to every subcommand, and would hide the `--version` option that some
  /// of them have.
  static func version(_ words: [String]) throws -> String? {
    guard let index = words.firstIndex(of: "--version") else { return nil }
    // Any other words are meant for the command that they name.
    guard let options = try? GlobalOptions.parse(Array(words[..<index] + words[(index + 1)...])) else { return nil }
    switch options.output {
    case .table: return ProductVersion.current + "\n"
    case .json:
      let object = JSONValue.object(["version": .string(ProductVersion.current)])
      return String(decoding: object.serialized(), as: UTF8.self) + "\n"
    case .yaml: return try YAMLText.of(["version": .string(ProductVersion.current)])
    }
  }

  /// - Throws: `GatewayError` of kind usage if the words request help on a command that does not exist.
  static func checkHelpTopic(_ words: [String]) throws(GatewayError) {
    let names = words.drop { $0.hasPrefix("-") }
    guard names.first == "help" else { return }
    var command: any ParsableCommand.Type = Gonogo.self
    var path: [String] = []
    for name in names.dropFirst() where !name.hasPrefix("-") {
      let subcommands = command.configuration.subcommands
      guard !subcommands.isEmpty else {
        throw GatewayError(
          .usage,
          "gonogo \(path.joined(separator: " ")) has no command \"\(name)\"; its help is "
            + "gonogo help \(path.joined(separator: " "))")
      }
      guard let next = subcommands.first(where: { $0._commandName == name }) else {
        let hint = Suggestion.text(for: name, among: subcommands.map { $0._commandName })
        throw GatewayError(.usage, "no command \"\(name)\"\(hint); gonogo --help lists the commands")
      }
      command = next
      path.append(name)
    }
  }

  /// The expected forms of values, by the names that values have in usage lines.
  private static let forms = [
    "date": "a date such as 2027-03-02", "time": "a time such as 2027-03-02T14:00:00Z",
    "launch": "a launch id such as smart-routing: a-z, 0-9 and -",
    "item": "an item such as qa or kb-article/de", "number": "a whole number", "count": "a whole number",
    "version": "a version number such as 3", "offset": "an offset such as 17", "id": "an id such as 17",
    "years": "a first and a last year such as 2026-2035, or one year", "days": "days of the week such as Sat,Sun",
    "tiers": "tiers such as 0,1", "person,…": "people such as jonas,aiko",
    "seconds": "a number of seconds such as 5", "duration": "a duration such as 90s, 30m or 2h",
    "percentage": "a number from 0 to 100",
    "field=value": "a field and its value such as owner=dana",
    "fact=value": "a fact and its value such as audience=most",
  ]

  /// Returns the expected form of a value with that name in the usage line; nil if it has no known form.
  static func form(of valueName: String) -> String? { forms[valueName] }

  /// Returns the message of a usage error; for a value that was refused without a reason, with the expected form.
  static func explained(_ message: String) -> String {
    guard let match = message.firstMatch(of: /^Error: The value '.*' is invalid for '(?:[^'<]*<)?([^'<>]+)>?'(?=\n|$)/),
      let form = forms[String(match.1).lowercased()]
    else { return message }
    return message.replacingCharacters(in: match.range, with: "\(message[match.range]): give \(form)")
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
