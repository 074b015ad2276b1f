import ArgumentParser
import Contract
import LaunchModel

struct ReviewClose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close a review; store its agenda with a digest.",
    discussion: """
      First, every missed target needs an explanation, every agenda point an outcome and every action an owner. \
      Otherwise lists what is missing, each with the command that resolves it. A part that cannot be assembled, \
      because its source is unreachable, keeps the review open; Product Ops can close it without that part, and the \
      reason is stored with the agenda.
      """,
    examples: [
      "gonogo review close smart-routing",
      "gonogo review close smart-routing --without readiness --reason 'host lost'",
    ])

  @OptionGroup var launch: LaunchArgument
  @Option(
    name: .customLong("without"),
    help: ArgumentHelp("Close without a part that cannot be assembled; repeat it for several.", valueName: "part"))
  var parts: [AgendaPart] = []
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard parts.isEmpty == (explanation.reason == nil) else {
      throw ValidationError("pass --without and --reason together")
    }
  }

  func run(in session: Session) async throws {
    let closing = CloseReview(
      launch: launch.id, attempt: attempt.attempt, without: parts.isEmpty ? nil : parts, reason: explanation.reason)
    do {
      try await session.show(ReviewRoutes.close, closing)
    } catch let failure as CallError where ["review-not-ready", "agenda-incomplete"].contains(failure.problem.code) {
      // Each error names what is missing and the command that adds it. Its JSON Pointer is left out, because it refers
      // to an agenda that the user does not see.
      throw GatewayError(
        ExitStatus(failure.problem, busAnswered: failure.busAnswered), [failure.problem.detail],
        faults: failure.problem.errors.map(\.detail))
    }
  }
}
