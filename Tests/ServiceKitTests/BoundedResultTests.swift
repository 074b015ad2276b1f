import Contract
import JSON
import LaunchModel
import Testing

@testable import ServiceKit

/// Pages of lists, the short form of results, and the limits of texts.
@Suite struct BoundedResultTests {
  private static func trail(_ count: Int, detail: Int) -> AuditTrail {
    let text = String(repeating: "x", count: detail)
    return AuditTrail(
      service: .checklist, launch: "smart-routing", head: nil,
      links: (0..<count).map { index in
        AuditLink(
          length: index + 1, at: Timestamp(microseconds: 0), by: "dana", action: "a", detail: ["text": .string(text)],
          hash: "h")
      })
  }

  private static func page(_ params: String, of whole: AuditTrail) throws -> AuditTrail {
    let json = try ResultPage(Array(params.utf8)).json(of: whole)
    #expect(json.serialized().count <= ShortForm.limit)
    return try JSONCoding.decode(AuditTrail.self, from: json)
  }

  @Test(
    "A list of any size is read in pages that fit into an answer",
    arguments: [(4_200, 100), (10_000, 500), (40, 60_000)])
  func pages(count: Int, detail: Int) throws {
    let whole = Self.trail(count, detail: detail)
    var links: [Int] = []
    var next: String?
    repeat {
      let page = try Self.page(next.map { #"{"launch":"a","next":"\#($0)"}"# } ?? #"{"launch":"a"}"#, of: whole)
      links += page.links.map(\.length)
      next = page.next
    } while next != nil
    #expect(links == Array(1...count))
  }

  @Test("An entry that does not fit on its own is cut, and marked as short")
  func hugeEntry() throws {
    let json = try ResultPage(Array("{}".utf8)).json(of: Self.trail(2, detail: 3 << 20))
    #expect(json.serialized().count <= ShortForm.limit)
    #expect(json["short"] == true)
    #expect(json["next"] == "1")
    #expect(try JSONCoding.decode(AuditTrail.self, from: json).links.map(\.length) == [1])
  }

  @Test("The short form of any result fits, and can still be read as that result")
  func shortForm() throws {
    let people = Dictionary(
      uniqueKeysWithValues: (0..<20_000).map { ("person-\($0)", Person(name: "Person \($0)", functions: [.product])) })
    let roster = try JSONCoding.value(RosterAdopted(rosterVersion: 7, digest: "d", document: Roster(people: people)))
    #expect(roster.serialized().count > ShortForm.limit)
    let short = ShortForm.fitting(roster)
    #expect(short.serialized().count <= ShortForm.limit)
    #expect(short["short"] == true)
    let adopted = try JSONCoding.decode(RosterAdopted.self, from: short)
    #expect(adopted.rosterVersion == 7)
    #expect(!adopted.document.people.isEmpty)
    #expect(ShortForm.fitting(["a": 1]) == ["a": 1])
  }

  @Test(
    "Each text has the limit for its member's name, at any depth",
    arguments: [
      (#"{"reason":"\#(x(2_048))"}"#, nil), (#"{"reason":"\#(x(2_049))"}"#, "/reason"),
      (#"{"evidence":{"kind":"text","value":"\#(x(10_240))"}}"#, nil),
      (#"{"evidence":{"kind":"text","value":"\#(x(10_241))"}}"#, "/evidence/value"),
      (#"{"document":{"items":[{"title":"\#(x(1_025))"}]}}"#, "/document/items/0/title"),
      (#"{"keys":["qa","\#(x(1_025))"]}"#, "/keys/1"),
    ] as [(String, String?)])
  func texts(params: String, pointer: String?) throws {
    var found: String?
    do {
      try ParameterTexts.check(Array(params.utf8), of: "any.method")
    } catch let problem as Problem {
      #expect(problem.code == "text-too-long")
      #expect(problem.detail.utf8.count < 300)
      found = problem.errors.first?.pointer
    }
    #expect(found == pointer)
  }

  @Test(
    "A text with U+0000 is refused at any depth; one that only looks like it is accepted",
    arguments: [
      (#"{"reason":"a\u0000"}"#, ["/reason"]),
      (#"{"document":{"people":{"a\u0000":{}}}}"#, ["/document/people/a\u{0}"]),
      (#"{"keys":["qa","\u0000","\u0000b"]}"#, ["/keys/1", "/keys/2"]), (#"{"reason":"\\u0000"}"#, []),
    ] as [(String, [String])])
  func nullCharacter(params: String, pointers: [String]) throws {
    var found: [String] = []
    do {
      try ParameterTexts.check(Array(params.utf8), of: "any.method")
    } catch let problem as Problem {
      #expect(problem.code == "value-refused" && problem.kind == .invalid)
      found = problem.errors.map(\.pointer)
    }
    #expect(found == pointers)
  }

  private static func x(_ count: Int) -> String { String(repeating: "x", count: count) }
}
