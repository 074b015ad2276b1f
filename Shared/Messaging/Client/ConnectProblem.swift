import Contract
public import LaunchModel
import ZeroMQ

extension Problem {
  /// Creates the problem of a call that could not be sent, because no endpoint could be connected to.
  ///
  /// - Parameter failures: the reason for each endpoint.
  init(_ failures: [Int: ConnectError], calling service: ServiceName) {
    var details: [String] = []
    for (_, failure) in failures.sorted(by: { $0.key < $1.key }) where !details.contains(failure.detail) {
      details.append(failure.detail)
    }
    let detail = details.joined(separator: "; ")
    let reasons = Set(failures.values.map(\.reason))
    if reasons.contains(.notAnswering) {
      self = .notAnswering(service, detail)
    } else if reasons.contains(.permissionDenied) {
      self.init(
        .unavailable, code: "permission-denied", title: "no permission to call \(service.rawValue)", detail: detail)
    } else {
      self = .unavailable(
        reasons == [.notListening] ? "unreachable" : "handshake-failed", title: "cannot reach \(service.rawValue)",
        detail, retryAfterMs: 500)
    }
  }

  /// The codes of calls that did not reach the service, or whose answer did not arrive.
  private static let unanswered: Set<String> = [
    "unreachable", "not-answering", "handshake-failed", "permission-denied", "connection-lost", "timed-out",
  ]

  /// Whether the problem is the service's own answer.
  public var isAnswer: Bool { !Self.unanswered.contains(code) }

  /// The problem of a call that a silent service does not answer.
  static func notAnswering(_ service: ServiceName, _ detail: String) -> Problem {
    .unavailable("not-answering", title: "\(service.rawValue) does not answer", detail, retryAfterMs: 500)
  }
}
