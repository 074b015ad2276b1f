import BusCore
public import Contract
import Gateway
import JSON
import LaunchModel
import Messaging
import TestSupport
public import Testing

@Suite("The published examples")
struct ExampleTests {
  @Test("The bus accepts each example event, which is written again as it was read", arguments: EventDescription.all)
  func event(_ event: EventDescription) throws {
    let example = try PublishedContract.document("events/\(event.type).example.json")
    let bytes = example.serialized()
    var scanner = EventScanner()
    #expect(throws: Never.self) { try scanner.scan(bytes) }
    #expect(try JSONValue(parsing: try CloudEvent(parsing: bytes).encoded()).pretty() == example.pretty())
  }

  @Test("Each announcement's header and payload are read from its example's data, and account for all of it")
  func announcements() throws {
    for announcement in Announcements.all {
      let data = try PublishedContract.document("events/\(announcement.type).example.json")["data"] ?? .null
      let header = try reencoded(AnnouncementHeader.self, data).objectValue ?? [:]
      let payload = try reencoded(announcement.payload, data).objectValue ?? [:]
      #expect(JSONValue.object(header.merging(payload) { $1 }).pretty() == data.pretty(), "\(announcement.type)")
    }
  }

  @Test("Each signal reads its example's data", arguments: SignalType.allCases)
  func signal(_ type: SignalType) throws {
    let data = try PublishedContract.document("events/\(type.rawValue).example.json")["data"]
    #expect(throws: Never.self) { try Signal(type, data: data) }
    #expect(Set(data?.objectValue?.keys.map { $0 } ?? []) == Set(SignalField.all(of: type).map(\.name)))
  }

  @Test("Each result's example is written again as it was read")
  func results() throws {
    for result in CommandResults.all {
      for variant in result.variants {
        guard let type = variant.type else { continue }
        let condition = variant.condition.map { ".\($0)" } ?? ""
        let name = result.command.replacing(" ", with: "-") + condition
        let example = try PublishedContract.document("results/\(name).example.json")
        #expect(try reencoded(type, example).pretty() == example.pretty(), "\(name)")
      }
    }
  }

  @Test("No text in an example is a placeholder")
  func texts() throws {
    for folder in ["events", "results"] {
      for name in try PublishedContract.names(in: folder, ending: ".example.json") {
        let example = try PublishedContract.document("\(folder)/\(name).example.json")
        #expect(stopgaps(in: example, named: "") == [], "\(folder)/\(name): name an example in the member's comment")
      }
    }
  }

  private func reencoded(_ type: any (Codable & Sendable).Type, _ value: JSONValue) throws -> JSONValue {
    func open<T: Codable>(_ type: T.Type) throws -> JSONValue {
      try JSONCoding.value(try JSONCoding.decode(type, from: value))
    }
    return try open(type)
  }

  /// The names of members whose value is their own name, or whose keys are `key`.
  private func stopgaps(in value: JSONValue, named name: String) -> [String] {
    switch value {
    case .string(let text): text == name ? [name] : []
    case .array(let elements): elements.flatMap { stopgaps(in: $0, named: name) }
    case .object(let members): members.flatMap { stopgaps(in: $0.value, named: $0.key) }
    default: []
    }
  }
}

extension EventDescription: CustomTestStringConvertible {
  public var testDescription: String { type }
}
