public import Contract
public import Foundation
import Gateway
import JSON
public import LaunchModel

/// The generated files of the contract, by their paths in the repository.
public struct ContractFiles: Sendable {
  /// The folder that contains only generated files and a `README.md`.
  public static let folder = "docs/contracts"

  /// The text of each file, by path.
  public let texts: [String: String]

  /// Generates the files.
  ///
  /// - Parameters:
  ///   - routes: the methods that each service has registered.
  ///   - results: the result of each command.
  public init(
    routes: [ServiceName: [RouteDescription]], results: [CommandResult],
    sources: ContractSources = .here
  ) throws {
    let comments = try sources.contractComments()
    var texts = try Self.documents(routes, comments)
    texts.merge(try Self.events(comments)) { $1 }
    let all = try sources.comments(in: ["Services/Gateway", "Shared/Documents", "Shared/Reporting"]).merging(comments)
    texts.merge(try Self.results(results, all)) { $1 }
    texts["Shared/Contract/Comments/comments.json"] = Self.text(try Self.used(comments, by: routes).value)
    self.texts = texts
  }

  /// Generates all files from the services' registrations, the commands and the sources.
  public static func generated() async throws -> ContractFiles {
    try ContractFiles(routes: try await RegisteredRoutes.all(), results: CommandResults.all)
  }

  private static func documents(
    _ routes: [ServiceName: [RouteDescription]], _ comments: DocComments
  ) throws -> [String: String] {
    var texts = ["\(folder)/asyncapi.json": text(try AsyncAPIDocument.document(comments: comments))]
    for (service, routes) in routes {
      texts["\(folder)/openrpc/\(service.rawValue).json"] = text(
        try OpenRPCDocument.document(service: service, routes: routes, comments: comments))
    }
    return texts
  }

  private static func events(_ comments: DocComments) throws -> [String: String] {
    var texts: [String: String] = [:]
    for event in EventDescription.all {
      let probe = ShapeProbe(comments: comments)
      var writer = SchemaWriter(place: "#/$defs/", comments: comments)
      let schema = try event.schema(&writer, probe)
      texts["\(folder)/events/\(event.type).schema.json"] = text(
        document(schema, writer, id: "event:\(event.type)", title: event.type, event.summary(comments)))
      texts["\(folder)/events/\(event.type).example.json"] = text(try event.example(probe))
    }
    return texts
  }

  private static func results(_ results: [CommandResult], _ comments: DocComments) throws -> [String: String] {
    var texts: [String: String] = [:]
    for result in results {
      let probe = ShapeProbe(comments: comments)
      var writer = SchemaWriter(place: "#/$defs/", comments: comments)
      guard let schema = try result.schema(&writer, probe) else { continue }
      let name = result.command.replacing(" ", with: "-")
      texts["\(folder)/results/\(name).schema.json"] = text(
        document(
          schema, writer, id: "result:\(name)", title: "gonogo \(result.command)",
          "What `gonogo \(result.command) --output json` prints\(result.isRepeated ? ", one per line" : "")."))
      for variant in result.variants {
        let condition = variant.condition.map { ".\($0)" } ?? ""
        texts["\(folder)/results/\(name)\(condition).example.json"] = text(try variant.example(probe))
      }
    }
    return texts
  }

  /// Returns a schema with the definitions that it refers to.
  private static func document(
    _ schema: JSONValue, _ writer: SchemaWriter, id: String, title: String, _ text: String
  ) -> JSONValue {
    var members = schema.objectValue ?? [:]
    members["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    members["$id"] = .string("urn:gonogo:schema:\(id)")
    members["title"] = .string(title)
    members["description"] = .string(text)
    if !writer.definitions.isEmpty { members["$defs"] = .object(writer.definitions) }
    return .object(members)
  }

  private static func text(_ value: JSONValue) -> String { value.pretty() + "\n" }

  /// Returns the comments needed at run time: those of the services' documents and of the events.
  private static func used(_ comments: DocComments, by routes: [ServiceName: [RouteDescription]]) throws -> DocComments
  {
    let probe = ShapeProbe(comments: comments)
    var names = Set(EventDescription.all.map(\.type))
    names.formUnion(Problem.Kind.allCases.map { "Problem.Kind.\($0)" })
    let ownTypes: [any Decodable.Type] = [
      AnnouncementHeader.self, CallMeta.self, PageRequest.self, ChangeNotes.self, Problem.self,
    ]
    for type in ownTypes {
      names.formUnion(try probe.shape(of: type).commentedNames)
    }
    for announcement in Announcements.all { names.formUnion(try probe.shape(of: announcement.payload).commentedNames) }
    for route in routes.values.joined() {
      names.insert(route.method)
      names.formUnion(try probe.shape(of: route.parameters).commentedNames)
      names.formUnion(try probe.shape(of: route.output).commentedNames)
    }
    return comments.filter { names.contains($0) }
  }
}

// MARK: Files

extension ContractFiles {
  /// Returns the paths of files that are missing, outdated, or no longer generated, in order.
  public func differences(from root: URL = ContractSources.here.root) throws -> [String] {
    let differing = texts.filter { path, text in
      (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) != text
    }
    return (differing.keys + (try stale(in: root))).sorted()
  }

  /// Writes every file, and removes those that are no longer generated.
  public func write(to root: URL = ContractSources.here.root) throws {
    for path in try stale(in: root) { try FileManager.default.removeItem(at: root.appending(path: path)) }
    for (path, text) in texts {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
  }

  private func stale(in root: URL) throws -> [String] {
    let folder = root.appending(path: Self.folder)
    guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
    return try FileManager.default.subpathsOfDirectory(atPath: folder.path).map { "\(Self.folder)/\($0)" }
      .filter { $0.hasSuffix(".json") && texts[$0] == nil }
  }
}
