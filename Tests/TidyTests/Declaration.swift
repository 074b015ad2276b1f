/// What a line declares, as far as one line tells.
struct Declaration {
  private static let types: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "typealias"]
  private static let modifiers: Set<Substring> = [
    "public", "open", "package", "internal", "private", "fileprivate", "final", "static", "indirect", "mutating",
    "nonisolated", "consuming", "borrowing", "override", "convenience", "prefix", "postfix",
  ]
  /// Members whose meaning a protocol of a library states.
  private static let witnesses: Set<Substring> = [
    "==", "<", "hash", "encode", "description", "debugDescription", "next", "makeAsyncIterator", "makeIterator",
    "stringValue", "intValue", "localizedDescription", "errorDescription", "callAsFunction", "allValueStrings",
  ]

  let keyword: Substring
  let name: Substring
  private let isPublic: Bool

  /// Nil where the line declares nothing.
  init?(_ code: String) {
    var words = trimmed(code).split(separator: " ")
    while let first = words.first, first.hasPrefix("@"), !first.contains("(") { words.removeFirst() }
    var isPublic = false
    while let first = words.first, Self.modifiers.contains(first) || first.hasSuffix("(set)") {
      isPublic = isPublic || first == "public" || first == "open"
      words.removeFirst()
    }
    guard words.count >= 2, Self.types.union(["func", "var", "let", "subscript"]).contains(words[0]) else { return nil }
    keyword = words[0]
    name = words[1].prefix { $0 != "(" && $0 != ":" && $0 != "<" || words[1] == "<" || words[1].hasPrefix("<(") }
    self.isPublic = isPublic
  }

  /// The name, where it is a type.
  var typeName: Substring? { Self.types.contains(keyword) && keyword != "typealias" ? name : nil }

  var isPublicProtocol: Bool { isPublic && keyword == "protocol" }

  /// Types, functions and properties, stored or computed, are documented; what a protocol asks for is described there.
  /// Initialisers and enum cases are no declarations to this reader.
  var needsDocumentation: Bool { isPublic && !Self.witnesses.contains(name) && !name.hasPrefix("<") }
}
