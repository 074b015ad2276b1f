import Documents
import JSON
import LaunchModel
import Testing

@testable import Gateway

@Suite("What gonogo init writes")
struct SampleFilesTests {
  private static let sample = SampleFiles.sample(folder: "/srv/trial", uid: 1000)

  private static func document(_ name: String, in files: [ConfigurationFile] = sample) throws -> SourceDocument {
    let file = try #require(files.first { $0.name == name })
    return try SourceDocument(parsing: Array(file.content.utf8), file: name)
  }

  @Test("The launch is one that tiering accepts")
  func launch() throws {
    let plan = try LaunchPlan(reading: try Self.document("smart-routing.yaml").value)
    #expect(plan.launch.rawValue == "smart-routing")
    #expect(plan.timeZone == "America/New_York")
    #expect(plan.facts.flags[.addsServerCompute] == .unknown)
    #expect(plan.rollout?.stages == [5, 25, 100])
  }

  @Test("The roster has ten people, a lead for each function, somebody of Legal, and lets the user act for all")
  func roster() throws {
    let roster = try Roster(reading: try Self.document("people.yaml").value)
    #expect(roster.people.count == 10)
    #expect(Set(roster.people.values.flatMap(\.lead)) == Set(LaunchFunction.allCases))
    #expect(roster.people.values.contains { $0.groups.contains("legal") })
    #expect(roster.person(of: .uid(1000)) == "dana")
    #expect(try roster.actor(principal: .uid(1000), onBehalfOf: "sofia").isClaimed)
  }

  @Test("The learning is a change of the built-in template")
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

  @Test("Without the sample, the settings change nothing and the roster is the user's alone")
  func bare() throws {
    let files = SampleFiles.bare(uid: 1000)
    #expect(try Self.document("gonogo.yaml", in: files).value == ["log": ["level": "info"]])
    let roster = try Roster(reading: try Self.document("people.yaml", in: files).value)
    #expect(roster.person(of: .uid(1000)) == "me")
  }
}
