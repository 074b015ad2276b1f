import LaunchModel

extension TemplateItem {
  /// The functions of which somebody must have attended (product.md, section 2): the demo is given to CS and to Support.
  var audience: [LaunchFunction] { key == "internal-demo" ? [.cs, .support] : [] }

  /// Whether it is not done without the person who executes what it documents, as a rollback.
  var needsExecutor: Bool { key == "rollback-procedure" }
}

extension ChecklistItem {
  /// Throws where the people that make the item what it is are missing; nothing is asked before there is a roster.
  func requirePeople(in context: ItemContext) throws(Problem) {
    guard let roster = context.roster else { return }
    let absent = definition.audience.filter { function in
      !attended.contains { roster.people[$0]?.functions.contains(function) ?? false }
    }
    guard absent.isEmpty else {
      let audience = definition.audience.map(\.title).joined(separator: " and ")
      throw Problem.unfit(
        "attended",
        "\(name) is for \(audience), and nobody of \(absent.map(\.title).joined(separator: " or ")) attended")
    }
    guard !definition.needsExecutor || executor(on: roster) != nil else {
      throw Problem.missing(
        "evidence",
        "\(name) needs the person who executes it, from the roster: name them in the text, or assign the item to them")
    }
  }

  /// Whom the texts name, by key or by whole name, else who owns the item; nil where nobody of those is on the roster.
  func executor(on roster: Roster) -> PersonID? {
    let texts = evidence.filter { $0.kind == .text }.map { words($0.value) }
    let named = roster.people.sorted { $0.key < $1.key }.first { key, person in
      let names = [key, person.name].map(words).filter { !$0.isEmpty }
      return texts.contains { text in names.contains { text.contains($0) } }
    }
    return named?.key ?? owner.flatMap { roster.people[$0] == nil ? nil : $0 }
  }

  private func words(_ text: String) -> [Substring] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "-" && $0 != "_" }
  }
}
