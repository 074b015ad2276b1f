extension Rule {
  /// How files are written.
  static let text: [Rule] = [
    Rule(name: "no file over 400 lines", mend: "split it by type or aspect") { file in
      let count = file.lines.count - (file.lines.last?.isEmpty == true ? 1 : 0)
      return count > 400 ? [count] : []
    },
    Rule(name: "what is public is documented", mend: "say in one sentence what it is") { file in
      guard file.isProduct else { return [] }
      let requirements = file.requirements
      return file.code.indices.filter { index in
        guard let declaration = Declaration(file.code[index]), !file.isDocumented(at: index) else { return false }
        if requirements.contains(where: { $0.line == index }) { return true }
        return declaration.needsDocumentation && !Self.required.contains(declaration.name)
          && !requirements.contains { $0.name == declaration.name }
      }.map { $0 + 1 }
    },
    Rule(name: "nothing is left to do", mend: "do it, or open an issue") { file in
      file.path.hasPrefix("Tests/TidyTests/")
        ? []
        : file.lines.indices.filter { index in ["TODO", "FIXME", "XXX"].contains { Needle($0).isIn(file.lines[index]) }
        }
        .map { $0 + 1 }
    },
    Rule(name: "SQL takes arguments", mend: "put a ? and pass the value") { file in
      guard file.path.hasPrefix("Services/"), !file.path.hasPrefix("Services/Gateway/") else { return [] }
      return file.lines.indices.filter { index in
        let line = file.lines[index]
        let isSQL = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "].contains(where: line.contains)
        return isSQL && line.contains("\\(") && !file.isExplained(at: index)
      }.map { $0 + 1 }
    },
  ]
}

extension Rule {
  /// The members that the repository's own protocols ask for; they are documented there.
  private static let required: Set<Substring> = Set(
    ((try? Repository.here.sources()) ?? []).filter(\.isProduct).flatMap { $0.requirements.map(\.name) })
}

extension SourceFile {
  /// What the file's public protocols ask for, with the index of each line.
  var requirements: [(line: Int, name: Substring)] {
    var found: [(line: Int, name: Substring)] = []
    var end: String?
    for (index, line) in code.enumerated() {
      if let closing = end {
        if line == closing { end = nil }
        if let member = Declaration(line), ["func", "var", "subscript"].contains(member.keyword) {
          found.append((index, member.name))
        }
      } else if Declaration(line)?.isPublicProtocol == true, line.hasSuffix("{") {
        end = String(line.prefix { $0 == " " }) + "}"
      }
    }
    return found
  }

  /// Whether a `///` or a block of it stands right above, attributes aside.
  func isDocumented(at index: Int) -> Bool {
    var above = index - 1
    while above >= 0, trimmed(lines[above]).hasPrefix("@") { above -= 1 }
    return above >= 0 && (trimmed(lines[above]).hasPrefix("///") || trimmed(lines[above]).hasSuffix("*/"))
  }
}
