import Foundation
import JSON
import TestSupport
import Testing

/// Metric defaults as an operator uses them, with the real services.
@Suite("Metric defaults on the command line")
struct MetricDefaultsTests {
  @Test("The YAML that show prints can be edited, proposed and adopted", .timeLimit(.minutes(5)))
  func roundTrip() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      let shown = try await gonogo.succeed("metric", "defaults", "show", "-o", "yaml").output
      #expect(shown.hasPrefix("version: 1\n"))
      try write("defaults.yaml", shown.replacing("days: 7\n", with: "days: 14\n"), gonogo)
      let proposal = try await gonogo.succeed("metric", "defaults", "propose", "defaults.yaml", "--reason", "slow")
      #expect(proposal.output.contains("tier 3 tickets: days 7 → 14"), "\(proposal.output)")
      let open = try await gonogo.succeed("metric", "defaults")
      #expect(open.output.contains("defaults-1") && open.output.contains("slow"), "\(open.output)")
      try await gonogo.succeed("metric", "defaults", "adopt", "defaults-1")
      let view = try await gonogo.succeed("metric", "defaults", "show", "-o", "json").json()
      #expect(view["documentVersion"] == 2)
      #expect(view["document"]?["tiers"]?["3"]?["tickets"] == ["days": 14])

      let outdated = try await gonogo.run("metric", "defaults", "propose", "defaults.yaml", "--reason", "again")
      #expect(outdated.status == 76, "\(outdated.errors)")
      try write("defaults.yaml", "tiers:\n  1: {adoption: {target: 30}}\n", gonogo)
      let faulty = try await gonogo.run("metric", "defaults", "propose", "defaults.yaml", "--reason", "lower")
      #expect(faulty.status == 65)
      #expect(faulty.errors.contains("defaults.yaml:2: /tiers/1/adoption/target:"), "\(faulty.errors)")
    }
  }

  private func write(_ name: String, _ text: String, _ gonogo: GatewayProcess) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(gonogo.folder)/\(name)"))
  }
}
