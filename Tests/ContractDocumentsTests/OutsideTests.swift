import Contract
import JSON
import LaunchModel
import TestSupport
import Testing

@Suite(
  "The published contract, as checked by other implementations",
  .enabled(if: JSONSchemaOracle.isAvailable, Comment(rawValue: JSONSchemaOracle.unavailable)))
struct OutsideTests {
  @Test("Every schema is valid JSON Schema 2020-12, and its examples match it", arguments: ["events", "results"])
  func schemas(_ folder: String) async throws {
    let names = try PublishedContract.names(in: folder, ending: ".schema.json")
    #expect(names.count > 30)
    let examples = try PublishedContract.names(in: folder, ending: ".example.json")
    let cases = try names.flatMap { name in
      let schema = try PublishedContract.document("\(folder)/\(name).schema.json")
      // A result that depends on an option has an example for each.
      return try examples.filter { $0 == name || folder == "results" && $0.hasPrefix("\(name).") }.map { example in
        JSONSchemaOracle.Case(
          example, schema: schema, value: try PublishedContract.document("\(folder)/\(example).example.json"))
      }
    }
    #expect(cases.count == examples.count)
    #expect(try await JSONSchemaOracle.errors(in: cases) == [])
  }

  @Test("A signal's schema accepts and refuses the same data as the services", arguments: SignalType.allCases)
  func signals(_ type: SignalType) async throws {
    let schema = try PublishedContract.document("events/\(type.rawValue).schema.json")
    let example = try PublishedContract.document("events/\(type.rawValue).example.json")
    let variations = SignalVariation.all(of: type)
    let cases = variations.map { variation in
      var event = example.objectValue ?? [:]
      event["data"] = variation.data
      return JSONSchemaOracle.Case(variation.name, schema: schema, value: .object(event))
    }
    let refused = Set(try await JSONSchemaOracle.errors(in: cases).map { String($0.prefix { $0 != ":" }) })
    for variation in variations {
      let isRefused = (try? Signal(type, data: variation.data)) == nil
      #expect(refused.contains(variation.name) == isRefused, "\(variation.name): \(variation.data.pretty())")
    }
  }

  @Test(
    "The description of the bus is valid AsyncAPI 3.0",
    .enabled(if: OfficialSchema.asyncAPI.isAvailable, OfficialSchema.unavailable))
  func asyncAPI() async throws {
    let document = JSONSchemaOracle.Case(
      "asyncapi.json", schema: try OfficialSchema.asyncAPI.schema(),
      value: try PublishedContract.document("asyncapi.json"))
    #expect(try await JSONSchemaOracle.errors(in: [document]) == [])
  }

  @Test(
    "The description of each service is valid OpenRPC",
    .enabled(if: OfficialSchema.openRPC.isAvailable, OfficialSchema.unavailable))
  func openRPC() async throws {
    let schema = try OfficialSchema.openRPC.schema()
    let documents = try ServiceName.allCases.map { service in
      JSONSchemaOracle.Case(
        service.rawValue, schema: schema, value: try PublishedContract.document("openrpc/\(service.rawValue).json"))
    }
    #expect(try await JSONSchemaOracle.errors(in: documents) == [])
  }

  @Test("Every reference in a document resolves")
  func references() throws {
    for path in ["asyncapi.json"] + ServiceName.allCases.map({ "openrpc/\($0.rawValue).json" }) {
      let document = try PublishedContract.document(path)
      for reference in references(in: document) {
        let pointer = try #require(JSONPointer(String(reference.dropFirst())), "\(path): \(reference)")
        #expect(document[pointer] != nil, "\(path): \(reference)")
      }
    }
  }

  private func references(in value: JSONValue) -> [String] {
    switch value {
    case .array(let elements): elements.flatMap { references(in: $0) }
    case .object(let members):
      members.flatMap { key, value in
        if key == "$ref", let reference = value.stringValue { return [reference] }
        return references(in: value)
      }
    default: []
    }
  }
}

/// The schema of a specification, by those who wrote it; part of the acceptance data, which lie beside the repository.
enum OfficialSchema: String {
  case asyncAPI = "contracts/asyncapi-3.0.0.json"
  case openRPC = "contracts/openrpc-meta-schema.json"

  static let unavailable: Comment = "needs the official schemas in the folder contracts of the acceptance data"

  var isAvailable: Bool { (try? schema()) != nil }

  func schema() throws -> JSONValue {
    let schema = try JSONValue(parsing: try TestData.bytes(rawValue))
    guard self == .openRPC else { return schema }
    return Self.selfContained(schema)
  }

  /// The meta-schema as its build makes it: with the versions that it is for, and the schema of schemas at hand, which is that of
  /// draft-07 under an address of its own.
  private static func selfContained(_ schema: JSONValue) -> JSONValue {
    func local(_ value: JSONValue) -> JSONValue {
      switch value {
      case .array(let elements): .array(elements.map(local))
      case .object(let members): .object(members.mapValues(local))
      case .string(let text) where text.hasPrefix("https://meta.json-schema.tools"):
        .string(
          text.contains("#")
            ? "http://json-schema.org/draft-07/schema#/properties/$ref" : "http://json-schema.org/draft-07/schema#")
      case .string(let text) where text.hasPrefix("GENERATED FIELD"): "1.3.2"
      default: value
      }
    }
    return local(schema)
  }
}
