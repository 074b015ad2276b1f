import Foundation
import JSON
import Testing

@testable import Gateway

/// A person who leaves, as the command line shows them and hands over their work (product.md, section 2, rule 11).
@Suite("A person who leaves")
struct LeavingTests {
  private static let launches = ["smart-routing", "second"]
  private static let kept = ["launch-copy for product"]

  /// Runs the body with two launches: Priya of Product owns items of both, has approved the copy of the first one and
  /// answered its poll, and is then taken off the roster.
  private func withDeparture(
    _ body: (GatewayProcess, GatewayProcess.Outcome) async throws -> Void
  ) async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      try await gonogo.succeed("roster", "adopt", "people.yaml")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      try await gonogo.succeed("launch", "clone", "smart-routing", "--as", "second", "--date", "2027-04-06")
      try await gonogo.succeed(
        as: "marco", "item", "submit", "smart-routing", "launch-copy", "--link", "https://docs.example/copy")
      try await gonogo.succeed(as: "priya", "item", "approve", "smart-routing", "launch-copy")
      try await gonogo.succeed(as: "priya", "poll", "smart-routing", "go")
      let path = "\(gonogo.folder)/people.yaml"
      let roster = try String(contentsOfFile: path, encoding: .utf8)
      let people = roster.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.contains("priya:") }
      let remaining = people.joined(separator: "\n").replacing(
        "functions: [product], groups: [legal]", with: "functions: [product], lead: [product], groups: [legal]")
      try Data(remaining.utf8).write(to: URL(filePath: path))
      let adopted = try await gonogo.succeed("roster", "adopt", "people.yaml", "--reason", "priya left")
      try await body(gonogo, adopted)
    }
  }

  /// What Priya holds on each launch; empty if she holds nothing.
  private static func held(_ gonogo: GatewayProcess) async throws -> [String: JSONValue] {
    let report = try await gonogo.succeed("roster", "holdings", "-o", "json").json()
    let people = report["people"]?.arrayValue ?? []
    #expect(people.allSatisfy { $0["person"] == "priya" }, "\(report)")
    let launches = people.first?["launches"]?.arrayValue ?? []
    return Dictionary(
      launches.map { ($0["launch"]?.stringValue ?? "", $0) }, uniquingKeysWith: { first, _ in first })
  }

  private static func texts(_ value: JSONValue?) -> [String] { value?.arrayValue?.compactMap(\.stringValue) ?? [] }

  /// The owners of the items of Product on a launch.
  private static func owners(_ gonogo: GatewayProcess, _ launch: String) async throws -> Set<String> {
    let items = try await gonogo.succeed("item", "list", launch, "-o", "json").json()["items"]?.arrayValue ?? []
    return Set(items.filter { $0["function"] == "product" }.compactMap { $0["owner"]?.stringValue })
  }

  @Test("Their open items on all launches are found, and moved by one command", .timeLimit(.minutes(5)))
  func work() async throws {
    try await withDeparture { gonogo, adopted in
      #expect(adopted.output.contains("gonogo item assign --from priya --to PERSON"), "\(adopted.output)")
      let before = try await Self.held(gonogo)
      #expect(Set(before.keys) == Set(Self.launches))
      for launch in Self.launches {
        #expect(Self.texts(before[launch]?["items"]) == ["success-metrics", "release-notes"])
      }
      let move = ["item", "assign", "--from", "priya", "--to", "sofia", "-o", "json"]
      let preview = try await gonogo.run(words: move + ["--dry-run"])
      #expect(preview.status == 0, "\(preview.errors)")
      #expect(try preview.json()["items"]?.arrayValue?.count == 4)
      for launch in Self.launches { #expect(try await Self.owners(gonogo, launch) == ["priya"]) }

      let foreign = try await gonogo.run(words: move + ["--on-behalf-of", "marco"])
      #expect(foreign.status == ExitStatus.forbidden.rawValue, "\(foreign.errors)")
      let moved = try await gonogo.run(words: move)
      #expect(moved.status == 0, "\(moved.errors)")
      #expect(try moved.json()["items"] == preview.json()["items"])
      for launch in Self.launches { #expect(try await Self.owners(gonogo, launch) == ["sofia"]) }
      let after = try await Self.held(gonogo)
      #expect(Set(after.keys) == ["smart-routing"], "an approval and a vote are not moved")
      #expect(Self.texts(after["smart-routing"]?["items"]) == [])
    }
  }

  @Test("Their approvals and votes are named where they count, until others give theirs", .timeLimit(.minutes(5)))
  func approvalsAndVotes() async throws {
    try await withDeparture { gonogo, adopted in
      for part in ["Not on the roster any more", "launch-copy for product", "answers to the poll"] {
        #expect(adopted.output.contains(part), "\(adopted.output)")
      }
      let held = try await Self.held(gonogo)["smart-routing"]
      #expect(Self.texts(held?["approvals"]) == Self.kept && Self.texts(held?["votes"]) == ["product"])
      // What happened stands: the approval still counts, under the name of who gave it.
      let copy = try await gonogo.succeed("item", "show", "smart-routing", "launch-copy").output
      #expect(copy.contains("in-review") && copy.contains("product: priya"), "\(copy)")
      // A vote says that a function is ready now, so somebody who is there has to give it.
      let vote = "Product answered go through priya, who is not on the roster any more"
      #expect(try await gonogo.succeed("ready", "smart-routing", "--all").output.contains(vote))
      let check = try await gonogo.run("roster", "check", "-o", "json")
      #expect(check.status == ExitStatus.no.rawValue)
      #expect(check.output.contains(vote), "\(check.output)")
      let decision = try await gonogo.run("decide", "smart-routing", "go")
      #expect(decision.status == ExitStatus.conflict.rawValue)

      try await gonogo.succeed(as: "sofia", "poll", "smart-routing", "go")
      #expect(try await !gonogo.succeed("ready", "smart-routing", "--all").output.contains("priya, who is not"))
      let later = try await Self.held(gonogo)["smart-routing"]
      #expect(Self.texts(later?["votes"]).isEmpty && Self.texts(later?["approvals"]) == Self.kept)
    }
  }
}
