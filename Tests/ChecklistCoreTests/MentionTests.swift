import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite("Mentions in comments") struct MentionTests {
  @Test(
    "A mention is an @ and a key of the roster, with no letter or digit directly around it",
    arguments: [
      ("@mia please look", ["mia"]), ("ask @Lena, @lex.", ["lena", "lex"]), ("(@max)", ["max"]),
      ("@mia's part", ["mia"]),
      ("@mia and again @mia", ["mia"]), ("mail support@mia", []), ("@everyone", []), ("@mian", []), ("@mia-x", []),
      ("@mi", []), ("@", []), ("no mention", []), ("@@mia", ["mia"]), ("@ mia", []), ("@mia@lex", ["mia"]),
    ] as [(String, [PersonID])])
  func people(text: String, expected: [PersonID]) {
    #expect(Mentions.people(in: text, on: Fixture.roster) == expected)
  }

  @Test("If several keys match, the longest is meant; without a roster, nobody is mentioned") func longest() {
    let roster = Roster(people: ["ann": Person(name: "A"), "ann.lee": Person(name: "L")])
    #expect(Mentions.people(in: "@ann.lee", on: roster) == ["ann.lee"])
    #expect(Mentions.people(in: "@ann. Lee is away", on: roster) == ["ann"])
    #expect(Mentions.people(in: "@ann", on: Roster()) == [])
    #expect(Mentions.people(in: "@ann", on: nil) == [])
  }

  @Test("A comment mentions at most 20 people", arguments: [(20, nil), (21, "unfit-text")] as [(Int, String?)])
  func bounded(count: Int, code: String?) {
    let names = (1...count).map { "p\($0)" }
    var roster = Fixture.roster
    for name in names { roster.people[name] = Person(name: name) }
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("a"))
    let text = names.map { "@\($0)" }.joined(separator: " ")
    #expect(refusal { try checklist.act(.comment, "a", as: "erin", roster: roster) { $0.text = text } } == code)
  }
}
