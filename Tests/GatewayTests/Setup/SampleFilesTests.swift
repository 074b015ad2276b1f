import Documents
import Foundation
import JSON
import LaunchModel
import StandardStreams
import TestSupport
import Testing

@testable import Gateway

@Suite("Files written by gonogo init")
struct SampleFilesTests {
  private static let sample = SampleFiles.sample(folder: "/srv/trial", uid: 1000)

  private static func document(_ name: String, in files: [ConfigurationFile] = sample) throws -> SourceDocument {
    let file = try #require(files.first { $0.name == name })
    return try SourceDocument(parsing: Array(file.content.utf8), file: name)
  }

  @Test("Tiering accepts the sample launch")
  func launch() throws {
    let plan = try LaunchPlan(reading: try Self.document("smart-routing.yaml").value)
    #expect(plan.launch.rawValue == "smart-routing")
    #expect(plan.timeZone == "America/New_York")
    #expect(plan.facts.flags[.addsServerCompute] == .unknown)
    #expect(plan.rollout?.stages == [5, 25, 100])
  }

  @Test("The roster has ten people, a lead for each function and a lawyer, and lets the user act for everyone")
  func roster() throws {
    let roster = try Roster(reading: try Self.document("people.yaml").value)
    #expect(roster.people.count == 10)
    #expect(Set(roster.people.values.flatMap(\.lead)) == Set(LaunchFunction.allCases))
    #expect(roster.people.values.contains { $0.groups.contains("legal") })
    #expect(roster.person(of: .uid(1000)) == "dana")
    #expect(try roster.actor(principal: .uid(1000), onBehalfOf: "sofia").isClaimed)
  }

  @Test("The sample's shifts cover its launch, with people on its roster")
  func shifts() throws {
    let plan = try LaunchPlan(reading: try Self.document("smart-routing.yaml").value)
    let people = try Roster(reading: try Self.document("people.yaml").value)
    let roster = try HypercareRoster(
      reading: try Self.document("hypercare.yaml").value, in: try ZoneRules(plan.timeZone), people: people)
    #expect(roster.people == ["grace", "jonas"])
    #expect(roster.shifts.count == 28)
    #expect(roster.shifts.map(\.from.date).min() == plan.date)
    #expect(roster.hours.from.description == "08:00" && roster.hours.to.description == "20:00")
  }

  @Test("The sample learning changes the built-in template")
  func learning() throws {
    let change = try TemplateChange(reading: try Self.document("learning.yaml").value)
    #expect(change.baseVersion == 1)
    #expect(change.add.map(\.key) == ["admin-walkthrough"])
  }

  @Test("The sample's settings keep everything below its folder")
  func settings() throws {
    let value = try Self.document("gonogo.yaml").value
    #expect(value == ["run": "/srv/trial/run", "data": "/srv/trial/data", "log": ["level": "info"]])
  }

  @Test(
    "A folder's name may contain any characters",
    arguments: [
      "/srv/Launch #1", "/srv/Plan: B", "/srv/it's \"quoted\"", "/srv/a'b", "/srv/- x", "/srv/new\nline",
      "/srv/\u{202E}x",
      "/srv/$(id)`id`", "/srv/größe, 100 %", "/srv/trailing ", "/srv/{a: b}", "/srv/*&|>", "/srv/\\x41",
    ])
  func folders(folder: String) throws {
    let files = SampleFiles.sample(folder: folder, uid: 1000)
    let value = try Self.document("gonogo.yaml", in: files).value
    #expect(value["run"]?.stringValue == "\(folder)/run" && value["data"]?.stringValue == "\(folder)/data")
  }

  @Test(
    "A shell reads the printed commands as intended",
    arguments: [
      "Launch #1", "it's", "a b", "$HOME", "`id`", "a\\b", "~", "*", "-x", "=x", "", "new\nline", "größe",
      "\u{202E}x", "a\u{9B}1", "-\u{1B}[0m 100 % it's \\n $HOME `id`\n\n", "\u{2066}12", "a\rb",
    ])
  func shellWords(word: String) throws {
    #expect(ShellText.word(word).printableLines == ShellText.word(word), "it reaches a terminal unchanged")
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "printf %s \(ShellText.word(word))"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let read = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(String(decoding: read, as: UTF8.self) == word)
  }

  @Test("The other sample files can be read by their commands")
  func tables() async throws {
    try await withTemporaryFolder { folder in
      for file in Self.sample { try file.write(in: folder) }
      let launches = try LaunchFileTable("\(folder)/launches.csv")
      #expect(launches.faults.isEmpty)
      for entry in launches.entries { _ = try LaunchPlan(reading: entry.document) }
      #expect(launches.entries.count == 2)
      #expect(try PolicyCaseFile("\(folder)/cases.csv").cases.map { $0["tier"] } == [1, 3, 2])
      var reader = try LineReader(path: "\(folder)/events.ndjson")
      var count = 0
      while let line = try reader.next() {
        #expect(try JSONValue(parsing: line.bytes)["specversion"] == "1.0")
        count += 1
      }
      #expect(count == 3)
      let holidays = try ICalendarReader(years: 2027...2027).holidays(of: try InputFile("\(folder)/acme.ics").bytes())
      #expect(holidays == [Sample.date("2027-05-14"): "Company day"])
    }
  }

  @Test(
    "A JSON array is not a table, whatever the file's name is; lists in cells may be written as such",
    arguments: ["csv", "json", "txt"])
  func tableFormats(ending: String) async throws {
    try await withTemporaryFolder { folder in
      let array = ConfigurationFile(name: "a.\(ending)", purpose: "", content: " [{\"launch\": \"a\"}]")
      try array.write(in: folder)
      for read in [{ _ = try LaunchFileTable($0) }, { _ = try PolicyCaseFile($0) }] as [(String) throws -> Void] {
        let error = #expect(throws: GatewayError.self) { try read("\(folder)/a.\(ending)") }
        #expect(error?.status == .badInput && error?.messages.first?.contains("JSON array") == true)
      }
      let cells = "launch,kinds,locales,publicMoment\nx,\"[\"\"new-surface\"\", \"\"bug-fix\"\"]\",\"[en, no]\",Yes\n"
      try ConfigurationFile(name: "b.csv", purpose: "", content: cells).write(in: folder)
      let document = try #require(try LaunchFileTable("\(folder)/b.csv").entries.first).document
      #expect(document["facts"]?["kinds"] == ["new-surface", "bug-fix"] && document["locales"] == ["en", "no"])
      #expect(document["facts"]?["publicMoment"] == true)
    }
  }

  @Test("A table line with the character U+0000 is a fault with its field, and does not affect the others")
  func nullCharacter() async throws {
    try await withTemporaryFolder { folder in
      let files = [
        ("a.ndjson", "{\"launch\": \"x\", \"name\": \"a\\u0000\"}\n{\"launch\": \"y\"}\n", 1, "/name"),
        ("b.csv", "launch,segments\nx,\"[\"\"a\\u0000\"\"]\"\ny,[b]\n", 2, "/segments/0"),
      ]
      for (name, text, line, pointer) in files {
        try ConfigurationFile(name: name, purpose: "", content: text).write(in: folder)
        let table = try LaunchFileTable("\(folder)/\(name)")
        #expect(table.faults.map(\.line) == [line] && table.faults.map(\.pointer) == [pointer])
        #expect(table.entries.map { $0.document["launch"] } == ["y"])
      }
    }
  }

  @Test("A row of a table of launches that is not text is a fault with its line, and does not affect the others")
  func invalidText() async throws {
    try await withTemporaryFolder { folder in
      let bytes: [[UInt8]] = [Array("launch,name\nx,caf".utf8), [0xe9], Array("\ny,Tea\n".utf8)]
      let path = "\(folder)/a.csv"
      try Data(bytes.joined()).write(to: URL(filePath: path))
      let table = try LaunchFileTable(path)
      #expect(table.faults.map(\.line) == [2])
      #expect(table.entries.map(\.line) == [3])
    }
  }

  @Test("Without the sample, the settings are the defaults and the roster contains only the user")
  func bare() throws {
    let files = SampleFiles.bare(uid: 1000)
    #expect(try Self.document("gonogo.yaml", in: files).value == ["log": ["level": "info"]])
    let roster = try Roster(reading: try Self.document("people.yaml", in: files).value)
    #expect(roster.person(of: .uid(1000)) == "me")
  }
}
