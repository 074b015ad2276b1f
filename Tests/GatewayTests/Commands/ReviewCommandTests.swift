import ArgumentParser
import Contract
import JSON
import LaunchModel
import Testing

@testable import Gateway

@Suite("Review commands")
struct ReviewCommandTests {
  private func run(_ words: String..., in services: RecordingServices) async throws {
    let command = try #require(try Gonogo.parseAsRoot(["review"] + words) as? any GatewayCommand)
    try await command.run(in: services.session)
  }

  private static let review = ReviewView(
    launch: Sample.launch, attempt: 1, state: .closed, opensOn: Sample.date("2027-04-01"),
    opensAt: Sample.time("2027-04-01T14:00:00Z"),
    closedWithout: ClosingOmission(parts: [.metrics, .plan], reason: "the host was lost"))

  @Test(
    "The reasons that keep a review open are printed without JSON Pointers, before the error",
    arguments: [
      (.conflict, "review-not-ready", 76), (.unavailable, "agenda-incomplete", 69),
    ] as [(Problem.Kind, String, Int32)])
  func refused(kind: Problem.Kind, code: String, status: Int32) async throws {
    let problem = Problem(
      kind, code: code, title: "the review cannot be closed yet", detail: "2 things are missing",
      errors: [
        FieldError(pointer: "/outcomes/late~1qa", detail: "the point late/qa has no outcome"),
        FieldError(pointer: "/actions/0/owner", detail: "the action a1 has no owner"),
      ])
    try await withRecordingServices(answer: { _ in throw problem }) { services in
      let failure = await #expect(throws: GatewayError.self) { try await run("close", "smart-routing", in: services) }
      #expect(failure?.status.rawValue == status)
      #expect(failure?.messages == ["2 things are missing"])
      #expect(failure?.faults == ["the point late/qa has no outcome", "the action a1 has no owner"])
    }
  }

  @Test("Parts can be left out with a reason, and the review shows both")
  func without() async throws {
    try await withRecordingServices(answer: { _ in try JSONCoding.value(Self.review) }) { services in
      try await run(
        "close", "smart-routing", "--without", "metrics", "--without", "plan", "--reason", "the host was lost",
        in: services)
      let call = try #require(services.calls.first { $0.method == ReviewRoutes.close.method })
      #expect(call.params["without"] == ["metrics", "plan"])
      #expect(call.params["reason"] == "the host was lost")
      #expect(try services.output().contains("metrics, plan: the host was lost"))
    }
  }

  @Test(
    "A part without a reason, a reason without a part, and an unknown part are usage errors",
    arguments: [["--without", "metrics"], ["--reason", "lost"], ["--without", "metrcs", "--reason", "lost"]])
  func usage(words: [String]) {
    #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(["review", "close", "smart-routing"] + words) }
  }

  @Test("If every customer has an action, a note says so")
  func outreach() async throws {
    try await withRecordingServices(answer: { _ in ["actions": []] }) { services in
      try await run("action", "outreach", "smart-routing", "--owner", "priya", in: services)
      #expect(try services.diagnostics().contains("every customer on the agenda has an action already"))
      let call = try #require(services.calls.first { $0.method == ReviewRoutes.addOutreach.method })
      #expect(call.params["owner"] == "priya")
    }
  }
}
