import ArgumentParser
import Contract
import ContractDocuments
import JSON
import LaunchModel
import TestSupport
import Testing

@testable import Gateway

@Suite("The lists that the contract is generated from")
struct DeclarationTests {
  @Test("Every declared announcement is in the list, as announced by the service whose sources announce it")
  func announcements() throws {
    let sources = try ContractSources.here.texts(below: "Shared/Contract/Events").joined(separator: "\n")
    let declared = sources.matches(of: /static let (\w+) = EventType<\w+>\(\s*"([^"]+)"/).map {
      (name: String($0.1), type: String($0.2))
    }
    #expect(declared.count > 30)
    #expect(Set(declared.map(\.type)) == Set(Announcements.all.map(\.type)))
    #expect(Set(Announcements.all.map(\.type)).count == Announcements.all.count)
    for announcement in Announcements.all {
      let name = try #require(declared.first { $0.type == announcement.type }).name
      let service = announcement.service.rawValue
      let folder = "Services/\(service.prefix(1).uppercased())\(service.dropFirst())"
      let code = try ContractSources.here.texts(below: folder).joined(separator: "\n")
      #expect(code.contains("Announcements.\(name)"), "\(folder) does not mention \(name)")
    }
  }

  @Test("Every command is in the list of results, and nothing else")
  func commands() throws {
    let help = try #require(throws: (any Error).self) { try Gonogo.parseAsRoot(["--experimental-dump-help"]) }
    let tree = try JSONValue(parsing: Gonogo.message(for: help))
    let commands = leaves(of: tree["command"] ?? .null, below: []).filter { $0 != "help" }
    #expect(commands.count > 70)
    #expect(CommandResults.all.map(\.command).sorted() == commands.sorted())
  }

  private func leaves(of command: JSONValue, below path: [String]) -> [String] {
    let subcommands = command["subcommands"]?.arrayValue ?? []
    guard !subcommands.isEmpty else { return [path.joined(separator: " ")] }
    return subcommands.flatMap { leaves(of: $0, below: path + [$0["commandName"]?.stringValue ?? ""]) }
      .filter { !$0.hasSuffix("help") }
  }

  @Test("Everything in a service's document has a description", arguments: ServiceName.allCases)
  func descriptions(_ service: ServiceName) throws {
    let document = try PublishedContract.document("openrpc/\(service.rawValue).json")
    #expect(undescribed(in: document) == [], "write a comment for each")
  }

  /// The names of methods, parameters, types and members without a description.
  private func undescribed(in document: JSONValue) -> [String] {
    var names: [String] = []
    for method in document["methods"]?.arrayValue ?? [] {
      let name = method["name"]?.stringValue ?? ""
      if method["summary"] == nil { names.append(name) }
      for parameter in method["params"]?.arrayValue ?? [] where parameter["$ref"] == nil {
        if parameter["description"] == nil { names.append("\(name) \(parameter["name"]?.stringValue ?? "")") }
      }
    }
    for (name, schema) in document["components"]?["schemas"]?.objectValue ?? [:] {
      if schema["description"] == nil { names.append(name) }
      for (member, property) in schema["properties"]?.objectValue ?? [:] where property["description"] == nil {
        names.append("\(name).\(member)")
      }
    }
    return names.sorted()
  }
}
