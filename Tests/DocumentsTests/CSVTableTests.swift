import Documents
import LaunchModel
import Testing

@Suite("Tables of comma-separated values") struct CSVTableTests {
  private static func table(_ text: String) throws -> CSVTable { try CSVTable(parsing: Array(text.utf8)) }

  @Test("quotes, doubled quotes, commas and line breaks within fields, CRLF and a mark at the start") func form() throws
  {
    let table = try Self.table("\u{FEFF}a, b ,c\r\n1,\"x,\"\"y\"\"\nz\",\r\n\r\n\"\",2,3")
    #expect(table.columns == ["a", "b", "c"])
    #expect(table.rows.map(\.fields) == [["1", "x,\"y\"\nz", ""], ["", "2", "3"]])
    #expect(table.rows.map(\.line) == [2, 5])
  }

  @Test(
    "a fault is told with its line",
    arguments: [
      ("a,a\n", "duplicate column", 1), ("", "empty", 1), ("a\n\"x", "not closed", 2),
      ("a\n\"x\"y\n", "after a quoted field", 2),
    ])
  func faults(_ text: String, _ words: String, _ line: Int) {
    let problem = #expect(throws: Problem.self) { try Self.table(text) }
    #expect(problem?.errors.first?.detail.contains(words) == true)
    #expect(problem?.errors.first?.line == line)
  }

  @Test("rows of another width are told of with their lines, and the others read") func uneven() throws {
    let table = try Self.table("a,b\n1\n1,2\n1,2,3\n")
    #expect(table.rows.map(\.line) == [3])
    #expect(table.uneven.map(\.line) == [2, 4])
    #expect(
      table.uneven.map(\.detail) == [
        "this row has 1 field but the header has 2", "this row has 3 fields but the header has 2",
      ])
  }

  @Test("bytes that are not UTF-8 are refused") func encoding() {
    #expect(throws: Problem.self) { try CSVTable(parsing: [0x61, 0x0a, 0xff]) }
  }
}
