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
  @Test("Every declared announcement is in the list, under the service whose sources announce it")
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

  @Test("The list of results contains every command and nothing else")
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

  @Test("Every method, parameter, type and member has a description")
  func descriptions() throws {
    var undescribed: Set<String> = []
    for service in ServiceName.allCases {
      let document = try PublishedContract.document("openrpc/\(service.rawValue).json")
      undescribed.formUnion(try methods(document["methods"]))
      undescribed.formUnion(types(document["components"]?["schemas"]))
    }
    for folder in ["events", "results"] {
      for name in try PublishedContract.names(in: folder, ending: ".schema.json") {
        undescribed.formUnion(types(try PublishedContract.document("\(folder)/\(name).schema.json")["$defs"]))
      }
    }
    #expect(undescribed == [], "write a comment for each")
  }

  /// The names of methods and parameters without a description.
  private func methods(_ methods: JSONValue?) throws -> [String] {
    try (methods?.arrayValue ?? []).flatMap { method in
      let name = try #require(method["name"]?.stringValue)
      let parameters = (method["params"]?.arrayValue ?? []).filter { $0["$ref"] == nil && $0["description"] == nil }
      return (method["summary"] == nil ? [name] : []) + parameters.map { "\(name) \($0["name"]?.stringValue ?? "")" }
    }
  }

  /// The names of types and members without a description.
  private func types(_ schemas: JSONValue?) -> [String] {
    (schemas?.objectValue ?? [:]).flatMap { name, schema in
      let members = (schema["properties"]?.objectValue ?? [:]).filter { $0.value["description"] == nil }
      return (schema["description"] == nil ? [name] : []) + members.keys.map { "\(name).\($0)" }
    }
  }
}
