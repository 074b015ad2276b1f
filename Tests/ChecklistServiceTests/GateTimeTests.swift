import ChecklistService
import Contract
import Foundation
import JSON
import LaunchModel
import ServiceKit
import Storage
import TestSupport
import Testing

private let figuresFile = ProcessInfo.processInfo.environment["GONOGO_MEASURE_GATE"]

/// Measures on request: `GONOGO_MEASURE_GATE=FILE swift test --filter GateTimeTests`, which writes the figures to the file.
/// They depend on the machine and the build, so that they are no part of the ordinary tests.
@Suite("The time of a gate's check", .enabled(if: figuresFile != nil, "needs GONOGO_MEASURE_GATE"))
struct GateTimeTests {
  @Test("At 5,000 links the gate takes at most 50 ms at p95, and 500 ms the first time")
  func time() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide(override: true)
      let environment = stage.harness.environment
      for _ in 1...50 {
        try await environment.change { tx in
          for number in 1...100 {
            let detail: JSONValue = ["text": .string("comment \(number), of a length that people write"), "item": "qa"]
            try tx.record(launch: Stage.launch.rawValue, action: "item.comment", detail: detail)
          }
        }
      }
      let request = GateRequest(launch: Stage.launch)
      let cold = try await ContinuousClock().measure {
        let ledger = StateLedger(environment.audit)
        ledger.cover(environment.state.tables)
        let broken = try await environment.database.read { try ledger.contradiction(of: Stage.launch.rawValue, $0) }
        #expect(broken == nil)
      }
      let first = try await ContinuousClock().measure {
        try await stage.harness.call(ChecklistRoutes.checkGate, request, as: "erin")
      }
      var times: [Duration] = []
      for _ in 1...200 {
        times.append(
          try await ContinuousClock().measure {
            try await stage.harness.call(ChecklistRoutes.checkGate, request, as: "erin")
          })
      }
      times.sort()
      let head = try await environment.database.read {
        try environment.audit.head(launch: Stage.launch.rawValue, $0)
      }
      let figures = "links \(head?.length ?? 0), fold \(cold), first \(first), p50 \(times[99]), p95 \(times[189])\n"
      try figures.write(toFile: try #require(figuresFile), atomically: true, encoding: .utf8)
      #expect(cold + times[189] <= .milliseconds(500))
      #expect(times[189] <= .milliseconds(50))
    }
  }
}
