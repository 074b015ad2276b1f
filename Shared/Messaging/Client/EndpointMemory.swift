import Synchronization
import ZeroMQ

/// The endpoints that did not answer a short while ago, which the clients of a process try last.
public final class EndpointMemory: Sendable {
  /// The memory of the process.
  public static let process = EndpointMemory()

  private let times = Mutex<[String: ContinuousClock.Instant]>([:])

  public init() {}

  /// The endpoints, by their indices, that are to be tried last, with the time until when.
  func avoided(_ endpoints: [Endpoint]) -> [(index: Int, until: ContinuousClock.Instant)] {
    times.withLock { times in
      guard !times.isEmpty else { return [] }
      return endpoints.enumerated().compactMap { index, endpoint in
        times[endpoint.description].flatMap { $0 > .now ? (index, $0) : nil }
      }
    }
  }

  /// Makes clients try the endpoint last until that time.
  func avoid(_ endpoint: Endpoint, until time: ContinuousClock.Instant) {
    times.withLock { times in
      times = times.filter { $0.value > .now }
      times[endpoint.description] = time
    }
  }
}
