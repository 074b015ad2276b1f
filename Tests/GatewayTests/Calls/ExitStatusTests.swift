import LaunchModel
import Testing

@testable import Gateway

@Suite("Exit statuses")
struct ExitStatusTests {
  /// Contract, section 6: 65 bad input, 69 unavailable, 75 timed out, 76 conflict, 77 forbidden.
  @Test(
    "Every kind of problem has its status",
    arguments: [
      (.notFound, 65), (.invalid, 65), (.parseError, 65), (.invalidRequest, 65), (.invalidParams, 65),
      (.tooLarge, 65), (.unavailable, 69), (.methodNotFound, 69), (.internalError, 69), (.expired, 75), (.busy, 75),
      (.conflict, 76), (.forbidden, 77),
    ] as [(Problem.Kind, Int32)])
  func kinds(kind: Problem.Kind, status: Int32) {
    #expect(ExitStatus(Problem(kind, code: "x", title: "x")).rawValue == status)
  }

  @Test("Without the bus, a missing launch is reported as unavailable")
  func withoutBus() {
    let problem = Problem(.notFound, code: "launch-not-found", title: "no such launch", detail: "no launch \"a\"")
    let failure = GatewayError(CallError(service: .tiering, problem: problem, busAnswered: false))
    #expect(failure.status == .unavailable)
    #expect(failure.messages == ["no launch \"a\" (bus unreachable: it may not have arrived yet)"])
  }

  @Test("A missing response is a time-out, but an unreachable service is not")
  func timeOut() {
    #expect(ExitStatus(Problem(.unavailable, code: "timed-out", title: "x")) == .timedOut)
    #expect(ExitStatus(Problem(.unavailable, code: "unreachable", title: "x")) == .unavailable)
    #expect(ExitStatus(Problem(.unavailable, code: "lagging", title: "x")) == .unavailable)
  }

  @Test("A service that is not running is named with the fix")
  func unreachable() {
    let problem = Problem(.unavailable, code: "unreachable", title: "x", detail: "there is no socket at /run/x.sock")
    #expect(
      GatewayError(CallError(service: .review, problem: problem)).messages == [
        "review is not running: there is no socket at /run/x.sock; start it with gonogo up"
      ])
  }
}
