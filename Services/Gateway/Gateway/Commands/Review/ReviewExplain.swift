import ArgumentParser
import Contract
import LaunchModel

struct ReviewExplain: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Record why a metric missed its target.",
    discussion: """
      The agenda drafts an explanation for each missed or inconclusive metric from the largest contributions to its \
      gap. --draft accepts that draft; gonogo metric gap shows all contributions.
      """,
    examples: [
      "gonogo review explain smart-routing adoption 'admins did not find the switch'",
      "gonogo review explain smart-routing csat --draft",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var metric: MetricArgument
  @Argument(help: "The explanation.") var text: String?
  @Flag(help: "Accept the agenda's draft as the explanation.") var draft = false
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard (text == nil) == draft else { throw ValidationError("pass either the explanation or --draft") }
  }

  func run(in session: Session) async throws {
    let explanation = ExplainMetric(
      launch: launch.id, metric: metric.key, text: try await givenText(in: session), attempt: attempt.attempt)
    try await session.show(ReviewRoutes.explain, explanation)
  }

  /// Returns the given explanation, or the agenda's draft if none was given.
  private func givenText(in session: Session) async throws -> String {
    if let text { return text }
    let review = ReviewReference(launch: launch.id, attempt: attempt.attempt)
    let agenda = try await session.call(ReviewRoutes.agenda, review).value
    guard let draft = agenda.metrics.first(where: { $0.metric.key == metric.key })?.draft else {
      throw GatewayError(
        .badInput, "the agenda has no draft for \"\(metric.key)\"; see gonogo review agenda \(launch.id)")
    }
    return draft
  }
}
