import JSON
import LaunchModel
import Testing

@Suite("Launch files") struct LaunchFileTests {
  private static func faults(_ changes: [String: JSONValue]) -> [String] {
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
    "a locale is a language tag, in either spelling",
    arguments: [
      ("en", true), ("pt-BR", true), ("zh-Hant-TW", true), ("en_US", true), ("es-419", true), ("../x", false),
      (" ", false), ("en-", false), ("4x", false), ("en US", false), ("internationalise", false),
    ])
  func locales(locale: String, isOne: Bool) {
    #expect(Self.faults(["locales": ["de", .string(locale)]]) == (isOne ? [] : ["/locales/1"]))
  }

  @Test("a segment is a line that is not blank")
  func segments() {
    #expect(Self.faults(["segments": ["Small business, EU"]]) == [])
    #expect(Self.faults(["segments": [" ", "two\nlines", .string(String(repeating: "x", count: 201))]]).count == 3)
  }

  @Test("there are at most 200 of each, for the checklist makes items of them", arguments: ["locales", "segments"])
  func few(field: String) {
    let texts = (1...201).map { JSONValue.string("x-\($0)") }
    #expect(Self.faults([field: .array(Array(texts.prefix(200)))]) == [])
    #expect(Self.faults([field: .array(texts)]) == ["/\(field)"])
  }

  @Test("the kinds of change cannot be unknown, and the fault says what else to give")
  func kinds() throws {
    let faults = DocumentErrors()
    _ = Facts(reading: ["kinds": "unknown"], at: .root, faults)
    let problem = #expect(throws: Problem.self) { _ = try faults.finish(nil as Int?, "x", title: "x") }
    #expect(problem?.errors.map(\.pointer) == ["/kinds"])
    #expect(problem?.errors.first?.detail.contains("cannot be unknown") == true)
  }
}
