public import Contract
public import LaunchModel
public import ServiceKit
import Synchronization

/// The other services, as a test answers for them; what it does not answer for is unreachable.
public final class StubPeers: PeerDirectory, PeerClient {
  private typealias Answer = @Sendable (any Sendable) async throws -> any Sendable

  private let answers = Mutex<[String: Answer]>([:])

  public init() {}

  /// Answers a method from now on.
  public func answer<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ body: @escaping @Sendable (Parameters) async throws -> Output
  ) {
    let answer: Answer = { params in
      guard let params = params as? Parameters else { throw Self.unreachable(route.service, "other parameters") }
      return try await body(params)
    }
    answers.withLock { $0["\(route.service.rawValue) \(route.method)"] = answer }
  }

  /// Answers a method no longer.
  public func silence<Parameters, Output>(_ route: Route<Parameters, Output>) {
    answers.withLock { $0["\(route.service.rawValue) \(route.method)"] = nil }
  }

  public func client(for service: ServiceName) -> any PeerClient { self }

  public func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta, timeout: Duration
  ) async throws -> Output {
    guard let answer = answers.withLock({ $0["\(route.service.rawValue) \(route.method)"] }) else {
      throw Self.unreachable(route.service, "\(route.method) has no answer in this test")
    }
    guard let output = try await answer(params) as? Output else {
      throw Self.unreachable(route.service, "\(route.method) has an answer of another type in this test")
    }
    return output
  }

  private static func unreachable(_ service: ServiceName, _ detail: String) -> Problem {
    Problem(
      .unavailable, code: "unreachable", title: "The service cannot be reached",
      detail: "\(service.rawValue): \(detail)", retryable: true)
  }
}
