import Documents
import JSON
import Testing
import StandardStreams

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

  @Test(
    "Output on a terminal has no characters that control it, and JSON and YAML keep their content",
    arguments: OutputFormat.allCases)
  func terminal(format: OutputFormat) throws {
    let text = "a\u{202E}b\u{9B}31mc\u{7F}d\u{2066}e\nf\u{85}g\u{2028}h\u{1B}[1m"
    let value = JSONValue.object(["k\u{202E}": .string(text), "list": [.string(text), "x\u{202E}"]])
    let answer = Answer(json: value.serialized()) {
      var page = Page()
      page.heading(Text(text))
      page.fields([Page.Field(name: text, value: Text(text))])
      page.table(Table(columns: [.left(text), .left("b")], rows: [[Text(text), "x"], [Text(text)]]))
      page.table(Table(columns: [.left("a")], whenEmpty: text))
      page.paragraph(Text(text))
      page.bullets([Text(text)])
      return page
    }
    let shown = try Renderer(format: format, style: .plain, width: 200).text(of: answer)
    #expect(!shown.unicodeScalars.contains { $0.actsOnTerminal && $0 != "\n" }, "\(shown.debugDescription)")
    switch format {
    case .table: break
    case .json: #expect(try JSONValue(parsing: Array(shown.utf8)) == value)
    case .yaml: #expect(try SourceDocument(parsing: Array(shown.utf8), file: "x.yaml").value == value)
    }
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
