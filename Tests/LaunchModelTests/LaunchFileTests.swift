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
