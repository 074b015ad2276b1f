import JSON
import LaunchModel
import Testing

@Suite("Problems") struct ProblemTests {
  @Test("A problem survives conversion to a JSON-RPC error and back") func roundTrip() throws {
    var problem = Problem.conflict("version-changed", "it is at version 3 now", extra: ["current": 3])
    problem.errors = [FieldError(pointer: "/date", line: 5, detail: "moved")]
    problem.retryAfterMs = 40
    #expect(Problem(error: problem.error) == problem)
    #expect(try JSONCoding.decode(Problem.self, from: try JSONCoding.encode(problem)) == problem)
  }

  @Test(
    "A problem with its kind is restored from the error's data alone",
    arguments: Problem.Kind.allCases.filter { ![.parseError, .invalidRequest, .methodNotFound].contains($0) })
  func data(kind: Problem.Kind) {
    let problem = Problem(
      kind, code: "some-code", title: "a title", detail: "a detail", retryable: true, retryAfterMs: 40,
      errors: [FieldError(pointer: "/date", detail: "moved")], extra: ["current": 3])
    #expect(Problem(data: problem.data) == problem)
  }

  @Test("The error carries an RFC 9457 problem") func shape() {
    let error = Problem.notFound("launch-not-found", title: "no such launch", "no launch \"x\"").error
    #expect(error["code"] == -32001)
    #expect(error["message"] == "no such launch")
    let data = error["data"]
    #expect(data?["type"] == "urn:gonogo:problem:launch-not-found")
    #expect(data?["status"] == 404)
    #expect(data?["code"] == "launch-not-found")
    #expect(data?["retryable"] == false)
  }

  @Test("A foreign error is read as far as possible") func foreign() {
    let problem = Problem(error: ["code": 1, "message": "boom"])
    #expect(problem.kind == .internalError)
    #expect(problem.title == "boom")
  }
}
