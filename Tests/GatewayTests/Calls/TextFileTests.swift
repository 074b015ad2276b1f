import Foundation
import Glibc
import TestSupport
import Testing

@testable import Gateway

@Suite("Reading texts from files")
struct TextFileTests {
  /// Each row as `line: subject | body | locale`, or as `line! what is wrong`.
  private func rows(_ content: String, name: String) async throws -> [String] {
    try await rows(Array(content.utf8), name: name)
  }

  private func rows(_ content: [UInt8], name: String) async throws -> [String] {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/\(name)"
      try Data(content).write(to: URL(filePath: path))
      var rows: [String] = []
      try await TextFile(path).forEachRow { row in
        switch row {
        case .success(let row):
          rows.append("\(row.line): \(row.subject ?? "-") | \(row.body ?? "-") | \(row.locale ?? "-")")
        case .failure(let fault): rows.append("\(fault.line)! \(fault.detail)")
        }
      }
      return rows
    }
  }

  @Test("A table needs a column of texts; other columns are ignored, and quoted fields may span lines")
  func table() async throws {
    let rows = try await rows(
      "id,text,locale,rating\n1,\"It is, \"\"slow\"\"\nand breaks\",en,5\n2,langsam,de,\n3,,,1\n", name: "a.csv")
    #expect(rows == ["2: - | It is, \"slow\"\nand breaks | en", "4: - | langsam | de", "5: - | - | -"])
  }

  @Test("A table may have subjects and bodies, and a row of the wrong length is reported with its line")
  func unevenTable() async throws {
    let rows = try await rows("subject,body\nSlow,It is slow\nonly one\nLogin,No email\n", name: "a.csv")
    #expect(rows.count == 3)
    #expect(rows[0] == "2: Slow | It is slow | -")
    #expect(rows[1].hasPrefix("3! "))
    #expect(rows[2] == "4: Login | No email | -")
  }

  @Test("A row that is not text is named with its line, in a table as in NDJSON, and the others are read")
  func invalidText() async throws {
    let table: [[UInt8]] = [
      Array("text,locale\nfine,en\nsch".utf8), [0xf6], Array("n,de\n\"two\nlines ".utf8), [0xff],
      Array("\",en\nnull\u{0},en\nfine too,en\n".utf8),
    ]
    let rows = try await rows(Array(table.joined()), name: "a.csv")
    #expect(rows.count == 5)
    #expect(rows.first == "2: - | fine | en" && rows.last == "7: - | fine too | en")
    #expect(rows[1] == "3! the line is not valid UTF-8; save the file as CSV UTF-8")
    // The row starts on line 4; its bad byte is on line 5.
    #expect(rows[2] == "5! the line is not valid UTF-8; save the file as CSV UTF-8")
    #expect(rows[3].hasPrefix("6! the line contains the character U+0000"))
    let lines: [[UInt8]] = [Array("{\"text\":\"fine\"}\n{\"text\":\"".utf8), [0xf6], Array("\"}\n".utf8)]
    let objects = try await self.rows(Array(lines.joined()), name: "a.ndjson")
    #expect(objects.count == 2 && objects[0] == "1: - | fine | -")
    #expect(objects[1].hasPrefix("2! "))
  }

  @Test("A heading that is not text refuses the table")
  func invalidHeading() async throws {
    let error = await #expect(throws: GatewayError.self) {
      let bytes: [UInt8] = [0xff, 0xfe] + Array("text\nfine\n".utf8)
      _ = try await rows(bytes, name: "a.csv")
    }
    #expect(error?.status == .badInput)
    #expect(error?.faults.first?.contains(":1: the line is not valid UTF-8") == true)
  }

  /// A pipe gives each byte once; a second opening of it waits for another writer.
  @Test(
    "A pipe is read once, whatever its format",
    .timeLimit(.minutes(1)), arguments: ["text\nslow\nslower\n", "{\"text\":\"slow\"}\n{\"text\":\"slower\"}\n"])
  func pipe(content: String) async throws {
    let bodies: [String?] = try await withTemporaryFolder { folder in
      let path = "\(folder)/pipe"
      try #require(mkfifo(path, 0o600) == 0)
      let writer = Thread {
        // Opening waits for the reader; what fails here, the reader misses.
        let handle = FileHandle(forWritingAtPath: path)
        handle?.write(Data(content.utf8))
        handle?.closeFile()
      }
      writer.start()
      var read: [String?] = []
      try await TextFile(path).forEachRow { row in
        let text = try row.get()
        read.append(text.body)
      }
      return read
    }
    #expect(bodies == ["slow", "slower"])
  }

  @Test("NDJSON is recognised by its name or its first character", arguments: ["a.ndjson", "a.jsonl", "a.txt"])
  func lines(name: String) async throws {
    let rows = try await rows(
      """
      {"subject":"Slow","body":"It is slow","locale":"en","id":7}

      {"text":"no login"}
      {"subject":"Only a subject","body":null}
      """, name: name)
    #expect(
      rows == ["1: Slow | It is slow | en", "3: - | no login | -", "4: Only a subject | - | -"])
  }

  @Test("A line that is not an object with a text is reported with its number, and the others are read")
  func badLines() async throws {
    let rows = try await rows(
      """
      {"text":"fine"}
      {"text":
      [1]
      {"text":5}
      {"title":"x","id":1}
      {}
      {"text":"fine too"}
      """, name: "a.ndjson")
    #expect(rows.first == "1: - | fine | -" && rows.last == "7: - | fine too | -")
    #expect(rows[1].hasPrefix("2! not JSON: "))
    #expect(rows[2] == "3! expected an object with subject and body, or text")
    #expect(rows[3] == "4! /text: expected a string")
    #expect(rows[4] == "5! no member subject, body or text; the object has id, title")
    #expect(rows[5] == "6! no member subject, body or text; the object has no members")
  }

  @Test(
    "A file in neither format is refused, and the error says what it contains",
    arguments: [
      ("id,title\n1,x\n", "no column \"text\", \"subject\" or \"body\"; the columns are id, title"),
      ("[{\"text\":\"x\"}]", "the file is a JSON array"), ("", "the file is empty"),
    ])
  func refused(content: String, reason: String) async throws {
    let error = await #expect(throws: GatewayError.self) { try await rows(content, name: "a.csv") }
    let text = try #require(error).faults.joined() + (error?.messages.joined() ?? "")
    #expect(text.contains(reason), "\(text)")
    #expect(error?.status == .badInput)
  }
}
