import Contract
import JSON
import LaunchModel
import TestSupport
import Testing

@Suite("Scenarios of the decided rules, with figures computed by an independent script")
struct ScenarioTests {
  @Test("Each decided rule has a scenario")
  func rules() throws {
    #expect(MetricScenario.names.count >= 27)
    for name in MetricScenario.names {
      let scenario = try MetricScenario(named: name)
      #expect(!scenario.rule.isEmpty && !scenario.expected.isEmpty && !scenario.events.isEmpty, "\(name)")
    }
  }

  @Test(
    "The files equal the script's output",
    .enabled(if: PythonOracle.succeeds("import sys; assert sys.version_info >= (3, 10)"), "needs Python 3.10"))
  func files() async throws {
    let program = """
      import runpy, sys
      path = sys.stdin.read()
      sys.argv = [path, "--check"]
      runpy.run_path(path, run_name="__main__")
      """
    #expect(try await PythonOracle.run(program, input: Array(MetricScenario.script.utf8)) == "")
  }

  @Test("The figures equal the script's", arguments: MetricScenario.names)
  func figures(name: String) throws {
    let scenario = try MetricScenario(named: name)
    for answer in scenario.expected {
      let view = try ScenarioEvidence(scenario, at: answer).replayed()
      #expect(answer.differences(from: view) == [], "\(name) as of \(answer.asOf): \(scenario.rule)")
    }
  }

  @Test("Any order, repetition and batching of the events gives the same bytes", arguments: MetricScenario.names)
  func anyOrder(name: String) throws {
    let scenario = try MetricScenario(named: name)
    for answer in scenario.expected {
      let evidence = try ScenarioEvidence(scenario, at: answer)
      let expected = try Self.text(evidence.replayed())
      for seed in 0..<UInt64(20) {
        var random = SeededGenerator(seed: seed)
        let view = try evidence.consumed(evidence.disturbed(using: &random))
        #expect(try Self.text(view) == expected, "\(name) as of \(answer.asOf), seed \(seed)")
      }
    }
  }

  private static func text(_ view: MetricsView) throws -> String {
    String(decoding: try JSONCoding.encode(view), as: UTF8.self)
  }
}
