import ArgumentParser
import JSON
import LaunchModel
import Testing

@testable import Gateway

@Suite("Printing errors")
struct FailureTests {
  @Test("Each error in a file is printed with file, line, field and reason, followed by the number of errors")
  func document() {
    let problem = Problem(
      .invalid, code: "invalid-launch", title: "the launch file is invalid",
      errors: [
        FieldError(pointer: "/facts/kinds", line: 14, detail: "name at least one kind"),
        FieldError(pointer: "", line: 1, detail: "this field is missing: owner"),
        FieldError(pointer: "/date", detail: "no date"),
      ])
    #expect(
      CommandOutcome(GatewayError(problem, file: "launch.yaml", for: .change))
        == CommandOutcome(
          GatewayError(
            .badInput, ["launch.yaml has 3 errors; nothing was changed"],
            faults: [
              "launch.yaml:14: /facts/kinds: name at least one kind", "launch.yaml:1: this field is missing: owner",
              "launch.yaml: /date: no date",
            ])))
    #expect(
      CommandOutcome(GatewayError(problem, file: "launch.yaml", for: .change)).text == """
        launch.yaml:14: /facts/kinds: name at least one kind
        launch.yaml:1: this field is missing: owner
        launch.yaml: /date: no date
        error: launch.yaml has 3 errors; nothing was changed

        """)
  }

  @Test("Only a command that changes something says that nothing was changed")
  func reading() {
    let problem = Problem(
      .invalid, code: "invalid-launch", title: "the launch file is invalid",
      errors: [FieldError(pointer: "", line: 1, detail: "this field is missing: owner")])
    #expect(GatewayError(problem, file: "launch.yaml", for: .reading).messages == ["launch.yaml has 1 error"])
    #expect(GatewayError(problem, file: "launch.yaml").messages == ["launch.yaml has 1 error"])
    let change = GatewayError(problem, file: "launch.yaml", for: .change)
    #expect(change.messages == ["launch.yaml has 1 error; nothing was changed"])
  }

  @Test("A refused document without field errors is printed with the file and the reason")
  func refused() {
    let problem = Problem(.conflict, code: "exists", title: "exists", detail: "there is a launch a already")
    let failure = GatewayError(problem, file: "launch.yaml")
    #expect(failure.status == .conflict)
    #expect(failure.messages == ["launch.yaml: there is a launch a already"])
  }

  @Test("A problem without detail is printed with its title")
  func title() {
    #expect(GatewayError(Problem(.forbidden, code: "x", title: "not allowed")).messages == ["not allowed"])
  }

  @Test("Parameter errors are printed before the message")
  func parameters() {
    let problem = Problem(
      .invalid, code: "x", title: "x", detail: "the reason is missing",
      errors: [FieldError(pointer: "/reason", detail: "give a reason")])
    #expect(CommandOutcome(GatewayError(problem)).text == "/reason: give a reason\nerror: the reason is missing\n")
  }

  @Test("A person who is not on the roster is reported by the option that names them")
  func onBehalfOf() {
    let problem = Problem.invalid(
      "unknown-person", title: "unknown person", pointer: "/_meta/onBehalfOf", "ghost is not on the roster")
    let text = "error: --on-behalf-of ghost: not on the roster (gonogo roster show)\n"
    #expect(CommandOutcome(GatewayError(problem)).text == text)
    #expect(CommandOutcome(GatewayError(ofItems: problem)).text == text)
  }

  @Test("Errors about items are printed without JSON Pointers")
  func items() {
    let problem = Problem.invalid("x", title: "x", pointer: "/text", "give a text")
    #expect(CommandOutcome(GatewayError(ofItems: problem)).text == "error: give a text\n")
  }

  @Test("A parameter error that repeats the message is printed once")
  func once() {
    let one = Problem.invalid("missing-reason", pointer: "/reason", "an override needs a reason")
    #expect(CommandOutcome(GatewayError(one)).text == "error: /reason: an override needs a reason\n")
    let two = Problem.invalid(
      errors: [FieldError(pointer: "/reason", detail: "missing"), FieldError(pointer: "/until", detail: "no date")])
    #expect(CommandOutcome(GatewayError(two)).text == "error: /reason: missing\nerror: /until: no date\n")
  }

  @Test("A command whose output is the complete answer adds only its exit status")
  func silent() {
    let outcome = CommandOutcome(GatewayError(.no))
    #expect(outcome.status == 1)
    #expect(outcome.text.isEmpty)
  }

  @Test("A usage error is printed to stderr with the usage line, which lists the global options once")
  func usage() throws {
    let error = #expect(throws: (any Error).self) { try Gonogo.parseAsRoot(["launch", "show", "a", "b"]) }
    let outcome = CommandOutcome(try #require(error))
    #expect(outcome.status == ExitStatus.usage.rawValue)
    #expect(!outcome.printsToStdout)
    #expect(
      outcome.text.contains("Usage: gonogo launch show <launch> [--as-of <time>] [<global options>]\n"),
      "\(outcome.text)")
  }
}
