extension Rule {
  /// Who may import whom (the architecture's table of targets).
  static let layers: [Rule] = [
    Rule(name: "a service imports no other service", mend: "call it, or listen to its events") { file in
      guard let owner = file.domain else { return [] }
      return file.imports.filter { imported in
        domains.contains { $0 != owner && isPart(imported.module, of: $0) }
      }.map(\.line)
    },
    Rule(name: "what is shared knows no service", mend: "move it to the service") { file in
      guard file.path.hasPrefix("Shared/") else { return [] }
      return file.imports.filter { imported in domains.contains { isPart(imported.module, of: $0) } }.map(\.line)
    },
    Rule(name: "a core is pure", mend: "keep sockets, stores and services out of it") { file in
      guard file.path.contains("Core/"), file.path.hasPrefix("Services/"), file.domain != "Bus" else { return [] }
      return file.imports.filter { !pure.contains($0.module) }.map(\.line)
    },
    Rule(name: "the model is pure", mend: "keep it to values") { file in
      guard ["LaunchModel", "JSON", "Contract"].contains(where: { file.path.hasPrefix("Shared/\($0)/") }) else {
        return []
      }
      return file.imports.filter { !pure.contains($0.module) }.map(\.line)
    },
    Rule(name: "only the storage knows its engine", mend: "use Database and Transaction") { file in
      guard file.isProduct, !file.path.hasPrefix("Shared/Storage/"), file.domain != "Bus" else { return [] }
      return file.imports.filter { ["GRDB", "GRDBSQLite", "SQLite3", "CPostgres"].contains($0.module) }.map(\.line)
    },
    Rule(name: "only ZeroMQ touches the C library", mend: "use the reactor") { file in
      guard !file.path.hasPrefix("Shared/ZeroMQ/"), file.isProduct else { return [] }
      return file.imports.filter { $0.module == "CZeroMQ" }.map(\.line)
    },
    Rule(name: "event types are named, not spelled", mend: "use Announcements, Signals or a named prefix") { file in
      guard file.isProduct, !file.path.hasPrefix("Shared/Contract/") else { return [] }
      return file.lines.indices.filter { file.opensLiteral("dev.gonogo.", on: $0) }.map { $0 + 1 }
    },
  ]

  static let domains = ["Bus", "Tiering", "Checklist", "Metrics", "Review"]
  private static let pure: Set<String> = [
    "JSON", "LaunchModel", "Contract", "Foundation", "FoundationEssentials", "Synchronization", "BitCollections",
    "Glibc", "Musl", "Topics",
    "Darwin", "CSpecialFunctions",
  ]

  private static func isPart(_ module: String, of domain: String) -> Bool {
    module == "\(domain)Core" || module == "\(domain)Service"
  }
}

extension SourceFile {
  /// Whether a string literal that begins so opens on the line; not the text of a longer one.
  fileprivate func opensLiteral(_ text: String, on index: Int) -> Bool {
    let line = Array(lines[index].utf8)
    let code = Array(code[index].utf8)
    let wanted = Array("\"\(text)".utf8)
    guard line.count >= wanted.count else { return false }
    return (0...(line.count - wanted.count)).contains { start in
      code[start] == wanted[0] && line[start...].starts(with: wanted)
    }
  }

  /// The domain whose folder it is in, as `Review`; `Gateway` for the gateway.
  fileprivate var domain: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Services" ? String(parts[1]) : nil
  }
}
