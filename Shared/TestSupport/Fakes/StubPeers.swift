public import Contract
import JSON
public import LaunchModel
public import ServiceKit
import Synchronization

/// Stubs of the other services. A method without a defined answer fails as unreachable, except that audit checks find
/// the stores intact.
public final class StubPeers: PeerDirectory, PeerClient {
  private typealias Answer = @Sendable (_ params: [UInt8]) async throws -> any Sendable

  private let answers = Mutex<[String: Answer]>([:])

  public init() {}

  /// Defines the answer to a method.
  public func answer<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ body: @escaping @Sendable (Parameters) async throws -> Output
  ) {
    // As on the wire, the caller may add members that the route does not declare, such as those of a page.
    let answer: Answer = { params in try await body(try JSONCoding.decode(Parameters.self, from: params)) }
    answers.withLock { $0["\(route.service.rawValue) \(route.method)"] = answer }
  }

  /// Removes the answer to a method, so that it fails as unreachable.
  public func removeAnswer<Parameters, Output>(_ route: Route<Parameters, Output>) {
    answers.withLock { $0["\(route.service.rawValue) \(route.method)"] = nil }
  }

  public func client(for service: ServiceName) -> any PeerClient { self }

  public func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta, timeout: Duration
  ) async throws -> Output {
    if let intact = AuditCheck(head: nil) as? Output, !isDefined(route) { return intact }
    guard let answer = answers.withLock({ $0["\(route.service.rawValue) \(route.method)"] }) else {
      throw Self.unreachable(route.service, "this test defines no answer to \(route.method)")
    }
    guard let output = try await answer(try JSONCoding.encode(params)) as? Output else {
      throw Self.unreachable(route.service, "this test's answer to \(route.method) has the wrong type")
    }
    return output
  }

  private func isDefined<Parameters, Output>(_ route: Route<Parameters, Output>) -> Bool {
    answers.withLock { $0["\(route.service.rawValue) \(route.method)"] != nil }
  }

  private static func unreachable(_ service: ServiceName, _ detail: String) -> Problem {
    Problem(
      .unavailable, code: "unreachable", title: "The service cannot be reached",
      detail: "\(service.rawValue): \(detail)", retryable: true)
  }
}
