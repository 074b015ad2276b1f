import JSON
import LaunchModel
import Testing

@Suite("Problems") struct ProblemTests {
  @Test("a problem comes back from its JSON-RPC error as it was") func roundTrip() throws {
    var problem = Problem.conflict("version-changed", "it is at version 3 now", extra: ["current": 3])
    problem.errors = [FieldError(pointer: "/date", line: 5, detail: "moved")]
    problem.retryAfterMs = 40
    #expect(Problem(error: problem.error) == problem)
    #expect(try JSONCoding.decode(Problem.self, from: try JSONCoding.encode(problem)) == problem)
  }

  @Test(
    "a problem comes back from its error's data alone, with its kind",
    arguments: Problem.Kind.allCases.filter { ![.parseError, .invalidRequest, .methodNotFound].contains($0) })
  func data(kind: Problem.Kind) {
    let problem = Problem(
      kind, code: "some-code", title: "a title", detail: "a detail", retryable: true, retryAfterMs: 40,
      errors: [FieldError(pointer: "/date", detail: "moved")], extra: ["current": 3])
    #expect(Problem(data: problem.data) == problem)
  }

  @Test("the error carries an RFC 9457 problem") func shape() {
    let error = Problem.notFound("launch-not-found", title: "no such launch", "there is no launch x").error
    #expect(error["code"] == -32001)
    #expect(error["message"] == "no such launch")
    let data = error["data"]
    #expect(data?["type"] == "urn:gonogo:problem:launch-not-found")
    #expect(data?["status"] == 404)
    #expect(data?["code"] == "launch-not-found")
    #expect(data?["retryable"] == false)
  }

  @Test("an error that is not ours is read as far as it goes") func foreign() {
    let problem = Problem(error: ["code": 1, "message": "boom"])
    #expect(problem.kind == .internalError)
    #expect(problem.title == "boom")
  }
}
