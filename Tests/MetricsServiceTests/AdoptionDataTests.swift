import Contract
import LaunchModel
import Messaging
import MetricsService
import TestSupport
import Testing

@Suite(
  "Adoption of a real event stream", .serialized, .enabled(if: TestData.isAvailable, "shared/data is missing"))
struct AdoptionDataTests {
  @Test(
    "All 300 figures on which pandas and DuckDB agree are reproduced exactly, even after a restart and a rebuild",
    arguments: AdoptionData.Order.allCases, [true, false])
  func allFigures(order: AdoptionData.Order, exposesFirst: Bool) async throws {
    let data = try AdoptionData()
    try await StorageEngine.standard.withFolder { folder in
      let clock = ManualClock(Timestamp(microseconds: 1_798_794_000_000_000))
      let bus = MemoryBus(clock: clock)
      try await withServiceHarness(MetricsService.self, in: folder, bus: bus) { metrics in
        let events = order.arranged(data.events)
        if exposesFirst { try await data.expose(metrics) }
        for start in stride(from: 0, to: events.count, by: 500) {
          _ = try await bus.publish(
            events[start..<min(start + 500, events.count)].map { $0.encoded() }, timeout: .seconds(1))
          try await metrics.settle()
        }
        if !exposesFirst { try await data.expose(metrics) }
        try await data.check(metrics)
      }
      try await withServiceHarness(MetricsService.self, in: folder, bus: bus) { metrics in
        try await data.check(metrics)
        for exposure in data.exposures {
          try await metrics.call(MetricsRoutes.rebuild, LaunchAction(launch: exposure.launch))
        }
        // A single pass over the log for all of them, as when no caller waits for one.
        try await metrics.sweep()
        try await data.check(metrics)
      }
    }
  }
}
