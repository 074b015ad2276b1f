import Foundation
import Contract
import LaunchModel
import Messaging
import TestSupport

/// Measures how long the bus and the services take to recover after their database has restarted.
struct Recovery {
  let system: RunningSystem
  private var times: [ServiceName: [Duration]] = [:]

  init(system: RunningSystem) { self.system = system }

  /// Waits from now until each service answers from its store.
  mutating func measure() async throws {
    let start = ContinuousClock.now
    let system = system
    let measured = try await withThrowingTaskGroup(of: (ServiceName, Duration).self) { group in
      for service in ServiceName.allCases {
        group.addTask {
          try await untilAnswered { try await Self.use(service, system) }
          return (service, .now - start)
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for (service, duration) in measured { times[service, default: []].append(duration) }
  }

  /// Prints the median and the maximum to stderr.
  func report() {
    let lines = ServiceName.allCases.compactMap { service -> String? in
      guard let sorted = times[service]?.sorted(), let longest = sorted.last else { return nil }
      let median = sorted[sorted.count / 2]
      return "\(service.rawValue): median \(Self.milliseconds(median)) ms, at most \(Self.milliseconds(longest)) ms"
    }
    let text =
      "recovery after a database restart: \(lines.joined(separator: "; ")) (\(times.values.first?.count ?? 0) times)"
    FileHandle.standardError.write(Data("\(text)\n".utf8))
  }

  /// Makes a call that needs the store; at the bus, it stores an event.
  private static func use(_ service: ServiceName, _ system: RunningSystem) async throws {
    guard service == .bus else {
      _ = try await system.client(service).call(ServiceRoutes.stats(service), NoParameters())
      return
    }
    let event = CloudEvent(id: UUID().uuidString, source: "//kill/recovery", type: "com.example.recovered")
    _ = try await system.bus().publish([event.encoded()])
  }

  private static func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }
}
