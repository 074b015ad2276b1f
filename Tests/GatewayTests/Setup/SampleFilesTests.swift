import Documents
import JSON
import LaunchModel
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

  @Test("The sample learning changes the built-in template")
  func learning() throws {
    let change = try TemplateChange(reading: try Self.document("learning.yaml").value)
    #expect(change.baseVersion == 1)
    #expect(change.add.map(\.key) == ["admin-walkthrough"])
  }

  @Test("The sample's settings place everything below its folder")
  func settings() throws {
    let value = try Self.document("gonogo.yaml").value
    #expect(value == ["run": "/srv/trial/run", "data": "/srv/trial/data", "log": ["level": "info"]])
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

  @Test("Without the sample, the settings are the defaults and the roster contains only the user")
  func bare() throws {
    let files = SampleFiles.bare(uid: 1000)
    #expect(try Self.document("gonogo.yaml", in: files).value == ["log": ["level": "info"]])
    let roster = try Roster(reading: try Self.document("people.yaml", in: files).value)
    #expect(roster.person(of: .uid(1000)) == "me")
  }
}
