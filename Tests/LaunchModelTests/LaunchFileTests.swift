import JSON
import LaunchModel
import Testing

@Suite("Launch files") struct LaunchFileTests {
  private static func errors(_ changes: [String: JSONValue]) -> [String] {
    let whole: [String: JSONValue] = [
      "launch": "search", "name": "Search", "owner": "dana", "date": "2027-03-02", "facts": ["kinds": ["new-surface"]],
    ]
    do throws(Problem) {
      _ = try LaunchPlan(reading: .object(whole.merging(changes) { _, new in new }))
      return []
    } catch {
      return error.errors.map(\.pointer)
    }
  }

  @Test(
    "A locale is a language tag with hyphen or underscore",
    arguments: [
      ("en", true), ("pt-BR", true), ("zh-Hant-TW", true), ("en_US", true), ("es-419", true), ("../x", false),
      (" ", false), ("en-", false), ("4x", false), ("en US", false), ("internationalise", false),
    ])
  func locales(locale: String, isOne: Bool) {
    #expect(Self.errors(["locales": ["de", .string(locale)]]) == (isOne ? [] : ["/locales/1"]))
  }

  @Test(
    "Yes and no mean true and false, however they are written",
    arguments: [("yes", true), ("Yes", true), ("NO", false), ("no", false), ("true", true), ("False", false)])
  func words(word: String, expected: Bool) throws {
    let file: JSONValue = [
      "launch": "search", "name": "Search", "owner": "dana", "date": "2027-03-02",
      "facts": ["kinds": ["new-surface"], "publicMoment": .string(word)],
    ]
    #expect(try LaunchPlan(reading: file).facts.flags[.publicMoment] == .known(expected))
    #expect(FieldReader.truth(of: .string(word)) == expected)
    #expect(Self.errors(["facts": ["kinds": ["new-surface"], "publicMoment": "maybe"]]) == ["/facts/publicMoment"])
  }

  @Test(
    "Rollout stages are percentages, and shares are refused",
    arguments: [([0.05, 0.25, 1], false), ([0.5], false), ([0.1, 1, 10], true), ([1], true), ([5, 25, 100], true)])
  func stages(stages: [Double], areValid: Bool) {
    let rollout: JSONValue = ["kind": "gradual", "stages": .array(stages.map { .number($0) })]
    #expect(Self.errors(["rollout": rollout]) == (areValid ? [] : ["/rollout/stages"]))
  }

  @Test("A time zone is an IANA name")
  func zones() {
    #expect(Self.errors(["timeZone": "PST"]) == ["/timeZone"])
    #expect(Self.errors(["timeZone": "Europe/Kyiv"]) == [])
  }

  @Test("A segment is a single non-blank line")
  func segments() {
    #expect(Self.errors(["segments": ["Small business, EU"]]) == [])
    #expect(Self.errors(["segments": [" ", "two\nlines", .string(String(repeating: "x", count: 201))]]).count == 3)
  }

  @Test(
    "A launch has at most 200 locales and segments, because each becomes an item", arguments: ["locales", "segments"])
  func few(field: String) {
    let texts = (1...201).map { JSONValue.string("x-\($0)") }
    #expect(Self.errors([field: .array(Array(texts.prefix(200)))]) == [])
    #expect(Self.errors([field: .array(texts)]) == ["/\(field)"])
  }

  @Test("The kinds of change cannot be unknown")
  func kinds() throws {
    let errors = DocumentErrors()
    _ = Facts(reading: ["kinds": "unknown"], at: .root, errors)
    let problem = #expect(throws: Problem.self) { _ = try errors.finish(nil as Int?, "x", title: "x") }
    #expect(problem?.errors.map(\.pointer) == ["/kinds"])
    #expect(problem?.errors.first?.detail.contains("cannot be unknown") == true)
  }
}
