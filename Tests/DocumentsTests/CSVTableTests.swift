import Documents
import LaunchModel
import Testing

@Suite("Comma-separated values") struct CSVTableTests {
  private static func table(_ text: String) throws -> CSVTable { try CSVTable(parsing: Array(text.utf8)) }

  @Test("Quotes, doubled quotes, commas and line breaks in fields, CRLF and a byte order mark are read") func form()
    throws
  {
    let table = try Self.table("\u{FEFF}a, b ,c\r\n1,\"x,\"\"y\"\"\nz\",\r\n\r\n\"\",2,3")
    #expect(table.columns == ["a", "b", "c"])
    #expect(table.rows.map(\.fields) == [["1", "x,\"y\"\nz", ""], ["", "2", "3"]])
    #expect(table.rows.map(\.line) == [2, 5])
  }

  @Test("Empty rows and columns left by spreadsheets are skipped")
  func leftovers() throws {
    let table = try Self.table("a,b,,\r\n1,2,,\r\n,,,\r\n 3 ,4\r\n , ,\r\n")
    #expect(table.columns == ["a", "b"])
    #expect(table.rows.map(\.fields) == [["1", "2"], [" 3 ", "4"]])
    #expect(table.uneven.isEmpty)
    let middle = try Self.table("a,,b\n1,,2\n1,2\n")
    #expect(middle.columns == ["a", "b"] && middle.rows.map(\.fields) == [["1", "2"]])
    #expect(middle.uneven.map(\.line) == [3])
    let quoted = try Self.table("a, \"b\" ,c\n1, \"x, \"\"y\"\"\" ,3\n")
    #expect(quoted.columns == ["a", "b", "c"] && quoted.rows.map(\.fields) == [["1", "x, \"y\"", "3"]])
    let separated = try Self.table("\u{FEFF}sep=;\r\na;b\r\n1,5;\"2;3\"\r\n")
    #expect(separated.rows.map(\.fields) == [["1,5", "2;3"]] && separated.rows.map(\.line) == [3])
    let old = try Self.table("a,b\r1,2\r")
    #expect(old.rows.map(\.fields) == [["1", "2"]])
  }

  @Test("The character U+0000, as in UTF-16, is an error with its line")
  func nullCharacter() {
    for (text, line) in [("a,b\n1,x\u{0}\n", 2), ("a\u{0},\u{0}b\u{0}\n", 1)] {
      let problem = #expect(throws: Problem.self) { try Self.table(text) }
      #expect(problem?.errors.map(\.line) == [line])
      #expect(problem?.errors.first?.detail.contains("U+0000") == true)
    }
  }

  @Test("A cell in a column without a name is an error with its line")
  func nameless() {
    let problem = #expect(throws: Problem.self) { try Self.table("a,,b\n1,,2\n1,x,2\n") }
    #expect(problem?.errors.map(\.line) == [3])
  }

  @Test(
    "An error names its line",
    arguments: [
      ("a,a\n", "duplicate column", 1), ("", "empty", 1), ("a\n\"x", "not closed", 2),
      ("a\n\"x\"y\n", "after a quoted field", 2),
    ])
  func errors(_ text: String, _ words: String, _ line: Int) {
    let problem = #expect(throws: Problem.self) { try Self.table(text) }
    #expect(problem?.errors.first?.detail.contains(words) == true)
    #expect(problem?.errors.first?.line == line)
  }

  @Test("Rows with too few or too many fields are reported with their lines, and the others are read") func uneven()
    throws
  {
    let table = try Self.table("a,b\n1\n1,2\n1,2,3\n")
    #expect(table.rows.map(\.line) == [3])
    #expect(table.uneven.map(\.line) == [2, 4])
    #expect(
      table.uneven.map(\.detail) == [
        "this row has 1 field but the header has 2", "this row has 3 fields but the header has 2",
      ])
  }

  @Test("Bytes that are not UTF-8 are refused") func encoding() {
    let problem = #expect(throws: Problem.self) { try CSVTable(parsing: [0x61, 0x0a, 0xff]) }
    #expect(problem?.errors.map(\.line) == [2])
  }

  @Test("On request, rows that are not text are skipped and named, but never the header") func skipping() throws {
    // In Latin-1, é is the byte e9, which UTF-8 never has before an ASCII character.
    let bytes: [[UInt8]] = [Array("a,b\n1,2\ncaf".utf8), [0xe9], Array(",3\n\"x\n\u{0}\",4\n5,6\n".utf8)]
    let table = try CSVTable(parsing: Array(bytes.joined()), skippingUnreadableRows: true)
    #expect(table.rows.map(\.fields) == [["1", "2"], ["5", "6"]])
    #expect(table.rows.map(\.line) == [2, 6])
    #expect(table.unreadable.map(\.line) == [3, 5])
    #expect(table.uneven.isEmpty)
    let problem = #expect(throws: Problem.self) {
      try CSVTable(parsing: [0xe9, 0x0a, 0x61], skippingUnreadableRows: true)
    }
    #expect(problem?.errors.map(\.line) == [1])
  }
}
