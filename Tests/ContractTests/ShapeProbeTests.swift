import JSON
import LaunchModel
import Testing

@testable import Contract

@Suite("Shapes of types")
struct ShapeProbeTests {
  private struct Plain: Codable {
    enum Kind: String, Codable, CaseIterable { case small, large = "LARGE" }
    var name: String
    var kind: Kind
    var counts: [String: Int]
    var date: LocalDate?
    var nested: [Inner]

    struct Inner: Codable {
      var ratio: Double
    }
  }

  @Test("Members are found with their shapes; optional ones may be missing")
  func members() throws {
    let object = try ShapeProbe().object(Plain.self)
    #expect(object.members.map(\.key) == ["name", "kind", "counts", "date", "nested"])
    #expect(object.members.map(\.reading) == [.required, .required, .required, .optional, .required])
    #expect(object.members.map(\.writing) == [.always, .always, .always, .omitted, .always])
    #expect(object.members[0].shape == .value(["type": "string"]))
    #expect(object.members[2].shape == .map(.value(["type": "integer"])))
    #expect(object.members[3].shape == LocalDate.jsonShape)
    guard case .choice(let choice) = object.members[1].shape else {
      Issue.record("the enumeration is not a choice")
      return
    }
    #expect(choice.values == ["small", "LARGE"] && choice.cases == ["small", "large"])
    #expect(choice.name.commented.hasSuffix("Plain.Kind"))
  }

  @Test("An example has every member, and is written again as it is read")
  func example() throws {
    let example = try ShapeProbe().example(of: Plain.self)
    #expect(Set((example.objectValue ?? [:]).keys) == ["name", "kind", "counts", "date", "nested"])
    #expect(try JSONCoding.value(try JSONCoding.decode(Plain.self, from: example)) == example)
  }

  private struct Written: Codable {
    var note: String?
    var tags: [String]
    var isLarge: Bool { tags.count > 1 }

    private enum CodingKeys: CodingKey { case note, tags, isLarge }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      note = try container.decodeIfPresent(String.self, forKey: .note)
      tags = try container.decodeIfPresent([String].self, forKey: .tags) ?? []
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(note, forKey: .note)
      try container.encode(tags, forKey: .tags)
      try container.encode(isLarge, forKey: .isLarge)
    }
  }

  @Test("Members written as null, with a default, or without being read are found by writing")
  func writing() throws {
    let members = try ShapeProbe().object(Written.self).members
    #expect(members.map(\.key) == ["note", "tags", "isLarge"])
    #expect(members.map(\.reading) == [.optional, .optional, .ignored])
    #expect(members.map(\.writing) == [.nullable, .always, .always])
    #expect(members[2].shape == .value(["type": "boolean"]))
  }

  private struct Folding: Codable {
    var inner: Plain.Inner
    var extra: Bool

    private enum CodingKeys: CodingKey { case extra }

    init(from decoder: any Decoder) throws {
      inner = try Plain.Inner(from: decoder)
      extra = try decoder.container(keyedBy: CodingKeys.self).decode(Bool.self, forKey: .extra)
    }

    func encode(to encoder: any Encoder) throws {
      try inner.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(extra, forKey: .extra)
    }
  }

  @Test("Fields that are merged into another object keep the comments of their own type")
  func folding() throws {
    let object = try ShapeProbe().object(Folding.self)
    #expect(object.members.map(\.key) == ["ratio", "extra"])
    #expect(object.folded == [SchemaName(Plain.Inner.self)])
  }

  private struct Raw: Codable {
    var text: String
    init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
  }

  private struct Loop: Codable {
    var next: [Loop]
  }

  @Test("A type that cannot be analysed is refused")
  func failures() {
    #expect(throws: ShapeError.self) { try ShapeProbe().shape(of: Raw.self) }
    #expect(throws: ShapeError.self) { try ShapeProbe().shape(of: Loop.self) }
  }
}

@Suite("Schemas of shapes")
struct SchemaWriterTests {
  private struct Item: Codable {
    var key: String
    var owner: String?
  }

  private struct List: Codable {
    var items: [Item]
  }

  private let comments = DocComments(["SchemaWriterTests.Item.owner": "Its owner; nil for none."])

  @Test("A type that is read may have null for a missing value, and has its own name")
  func input() throws {
    var writer = SchemaWriter(place: "#/$defs/", comments: comments)
    let schema = writer.schema(try ShapeProbe().shape(of: List.self), .input)
    #expect(schema == ["$ref": "#/$defs/SchemaWriterTestsListInput"])
    let item = writer.definitions["SchemaWriterTestsItemInput"]
    #expect(item?["required"] == ["key"])
    #expect(
      item?["properties"]?["owner"] == ["type": ["string", "null"], "description": "Its owner; absent for none."])
  }

  @Test("A type that is written has no null where it omits the member")
  func output() throws {
    var writer = SchemaWriter(place: "#/$defs/", comments: comments)
    _ = writer.schema(try ShapeProbe().shape(of: List.self), .output)
    let item = writer.definitions["SchemaWriterTestsItem"]
    #expect(item?["properties"]?["owner"] == ["type": "string", "description": "Its owner; absent for none."])
    #expect(item?["title"] == "SchemaWriterTestsItem")
  }
}
