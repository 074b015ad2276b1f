import JSON
import Testing

@testable import Gateway

@Suite("Rendering results")
struct RendererTests {
  private let answer = Answer(json: Array(#"{"launch":"a","n":1.50,"due":"2027-03-02","ok":true,"none":null}"#.utf8)) {
    var page = Page()
    page.paragraph("a page")
    return page
  }

  @Test("JSON that is piped is the service's response byte for byte")
  func exactJSON() throws {
    let text = try Renderer(format: .json, style: .plain, width: nil).text(of: answer)
    #expect(text == #"{"launch":"a","n":1.50,"due":"2027-03-02","ok":true,"none":null}"# + "\n")
  }

  @Test("JSON on a terminal is indented but has the same content")
  func indentedJSON() throws {
    let text = try Renderer(format: .json, style: .plain, width: 80).text(of: answer)
    #expect(text.hasPrefix("{\n  \"due\": \"2027-03-02\","))
    #expect(try JSONValue(parsing: Array(text.utf8)) == JSONValue(parsing: answer.json))
  }

  @Test("Strings stay strings in YAML")
  func yaml() throws {
    let text = try Renderer(format: .yaml, style: .plain, width: nil).text(of: answer)
    #expect(text == "launch: a\ndue: \"2027-03-02\"\n\"n\": 1.5\nnone: null\nok: true\n")
  }

  @Test("The page is built only for table output")
  func table() throws {
    #expect(try Renderer(format: .table, style: .plain, width: nil).text(of: answer) == "a page\n")
    let broken = Answer(json: Array("{}".utf8)) { throw GatewayError(.no, "should not be built") }
    #expect(try Renderer(format: .json, style: .plain, width: nil).text(of: broken) == "{}\n")
  }
}
