import Foundation
import JSON
import TestSupport
import Testing

@testable import Gateway

/// Templates as people work with them at the command line.
@Suite("Templates at the command line")
struct TemplateTests {
  private func write(_ text: String, to name: String, in gonogo: GatewayProcess) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(gonogo.folder)/\(name)"))
  }

  @Test(
    "A Markdown checklist becomes a template file, is compared and adopted, and a running launch moves to it",
    .timeLimit(.minutes(5)))
  func importing() async throws {
    try await withSampleInstallation { gonogo in
      try write(
        "# Launch\n## Marketing\n- [ ] Post is scheduled 2 weeks before launch\n- [ ] Ideally, a film\n- why: reach\n",
        to: "list.md", in: gonogo)
      // Needs no service.
      let report = try await gonogo.succeed("template", "import", "list.md", "--out", "more.yaml", "--tiers", "1")
      #expect(report.output.contains("2 items imported, 1 left out"), "\(report.output)")
      #expect(report.output.contains("14 days before (\"2 weeks before\")"), "\(report.output)")
      #expect(report.errors.contains("gonogo template adopt --file more.yaml"))
      let again = try await gonogo.run("template", "import", "list.md", "--out", "more.yaml")
      #expect(again.status == ExitStatus.conflict.rawValue && again.errors.contains("--force"))
      let printed = try await gonogo.succeed("template", "import", "list.md", "--tiers", "1")
      let stored = try String(contentsOf: URL(filePath: "\(gonogo.folder)/more.yaml"), encoding: .utf8)
      #expect(printed.output == stored)
      #expect(printed.errors.contains("ideally-a-film"))
      let json = try await gonogo.succeed("template", "import", "list.md", "-o", "json").json()
      #expect(json["leftOut"]?.arrayValue?.first?["line"] == 5)
      #expect(json["template"]?["items"]?.arrayValue?.count == 2)

      try await gonogo.succeed("up", "--detach", "--clock", "2027-01-13T14:00:00Z@1")
      try await gonogo.succeed("roster", "adopt", "people.yaml")
      try await gonogo.succeed("launch", "propose", "smart-routing.yaml")
      let current = try await gonogo.succeed("template", "export").output
      let added = stored.split(separator: "\n").drop { !$0.hasPrefix("  - ") && !$0.hasPrefix("- ") }
      try write(current + added.joined(separator: "\n") + "\n", to: "next.yaml", in: gonogo)
      let diff = try await gonogo.succeed("template", "diff", "--file", "next.yaml")
      #expect(diff.output.contains("post-is-scheduled-2-weeks-before-launch"), "\(diff.output)")
      #expect(diff.output.contains("27 items unchanged"))
      let adopted = try await gonogo.succeed("template", "adopt", "--file", "next.yaml")
      #expect(adopted.output.contains("Changes since version 1") && adopted.output.contains("ideally-a-film"))

      let plan = try await gonogo.succeed("item", "upgrade", "smart-routing", "--dry-run")
      #expect(plan.output.contains("template version 1 → 2"), "\(plan.output)")
      #expect(plan.output.contains("ideally-a-film (Marketing)"))
      let list = try await gonogo.succeed("item", "list", "smart-routing").output
      #expect(!list.contains("ideally-a-film"))
      let unasked = try await gonogo.run("item", "upgrade", "smart-routing")
      #expect(unasked.status == ExitStatus.usage.rawValue && unasked.errors.contains("--yes"))
      try await gonogo.succeed("item", "upgrade", "smart-routing", "--yes")
      #expect(try await gonogo.succeed("item", "list", "smart-routing").output.contains("ideally-a-film"))
      let repeated = try await gonogo.succeed("item", "upgrade", "smart-routing", "--yes")
      #expect(repeated.output.contains("already uses template version 2"))
    }
  }

  @Test("A file without items is refused; the error says what an item is", .timeLimit(.minutes(5)))
  func refused() async throws {
    try await withSampleInstallation { gonogo in
      try write("# Notes\n\nNothing to do.\n", to: "notes.md", in: gonogo)
      let empty = try await gonogo.run("template", "import", "notes.md")
      #expect(empty.status == ExitStatus.badInput.rawValue)
      #expect(empty.output.isEmpty && empty.errors.contains("notes.md: no items found"), "\(empty.errors)")
      try Data("- [ ] a\n- \u{0}\n".utf8).write(to: URL(filePath: "\(gonogo.folder)/null.md"))
      let null = try await gonogo.run("template", "import", "null.md", "--out", "null.yaml")
      #expect(null.status == ExitStatus.badInput.rawValue && null.errors.contains("null.md:2:"), "\(null.errors)")
      #expect(!FileManager.default.fileExists(atPath: "\(gonogo.folder)/null.yaml"))
      let tiers = try await gonogo.run("template", "import", "notes.md", "--tiers", "1,9")
      #expect(tiers.status == ExitStatus.usage.rawValue && tiers.errors.contains("tiers from 0 to 3"))
      let both = try await gonogo.run("template", "diff", "1", "2", "--proposal", "proposal-1")
      #expect(both.status == ExitStatus.usage.rawValue)
    }
  }
}
