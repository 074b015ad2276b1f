import Synchronization
import ZeroMQ

/// The endpoints that recently did not answer, which all clients of a process try last.
public final class EndpointMemory: Sendable {
  /// The memory shared by the clients of this process.
  public static let process = EndpointMemory()

  private let times = Mutex<[String: ContinuousClock.Instant]>([:])

  public init() {}

  /// Returns the indices of the endpoints to try last, each with the time until which to do so.
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
