import Contract
import JSON
import LaunchModel
import Messaging
import TestSupport
import Testing

/// Texts of tickets in three groups that are about different things, and some that are about nothing common.
enum TicketTexts {
  static let exposure = "2027-03-02T14:00:00Z"

  static let activation = [
    "Where do I switch smart routing on?",
    "I cannot find the switch to turn smart routing on.",
    "How do we turn on smart routing for our team?",
    "Where is the setting that switches smart routing on?",
    "Please tell me how to switch on smart routing.",
    "We want to turn smart routing on but there is no switch.",
    "The switch for smart routing is nowhere in the settings.",
    "How can I switch smart routing on in the settings?",
    "Which menu has the switch to turn smart routing on?",
    "Cannot see where smart routing is switched on.",
  ]

  static let passwords = [
    "I forgot my password and the reset email does not arrive.",
    "The password reset email never arrives.",
    "How do I reset my password? No email is sent.",
    "Reset password link has expired before I could use it.",
    "My password reset link does not work.",
    "I need to reset my password but get no email.",
    "The link to reset my password is expired.",
    "No password reset email in my inbox.",
    "Cannot reset my password, the link is invalid.",
    "Password reset does not send the email.",
  ]

  static let exports = [
    "The CSV export of tickets is empty.",
    "Exporting tickets to CSV gives an empty file.",
    "CSV export downloads a file without any tickets.",
    "Our ticket export to CSV has no rows.",
    "When I export tickets as CSV the file is empty.",
    "The exported CSV file contains no tickets.",
    "Export of tickets to a CSV file fails with an empty file.",
    "I get an empty CSV when I export tickets.",
  ]

  static let others = [
    "Can you send our invoice to another address?",
    "Is there a dark theme for the mobile app?",
  ]

  /// Opens tickets whose keys begin with a letter, one minute after the other; a feature or tags attribute them.
  static func open(
    _ harness: Harness, _ prefix: String, _ texts: some Sequence<String>, at time: String = "2027-03-03T10:00:00Z",
    attributedBy members: [String: JSONValue] = ["feature": "smart-routing"]
  ) async throws {
    let start = try ReviewStage.time(time)
    for (number, text) in texts.enumerated() {
      var data = members
      data["ticket"] = .string("\(prefix)-\(number)")
      data["account"] = .string("account-\(number % 4)")
      data["body"] = .string(text)
      data["locale"] = "en"
      try await harness.receive(
        CloudEvent(
          id: "\(prefix)-\(number)", source: "//helpdesk/", type: SignalType.ticketOpened.rawValue,
          time: start.adding(seconds: Int64(number) * 60), data: .object(data)))
    }
  }

  /// Ships the launch on 2 March 2027, with a plan that maps the tag `routing` to its feature, and sets the clock.
  static func ship(_ harness: Harness, now: String) async throws {
    harness.peers.answer(MetricsRoutes.showPlan) { reference in
      PlanView(
        launch: reference.launch, sealed: true,
        definition: [
          "feature": "smart-routing", "metrics": [["key": "tickets", "kind": "tickets", "tags": ["routing"]]],
        ])
    }
    try await ReviewStage.propose(harness, try ReviewStage.record())
    try await ReviewStage.expose(
      harness, attempts: [ExposureAttempt(attempt: 1, startedAt: try ReviewStage.time(exposure))])
    harness.clock.set(try ReviewStage.time(now))
  }

  static func topics(_ harness: Harness) async throws -> TopicsView {
    try await harness.call(ReviewRoutes.topics, TopicsRequest(launch: try ReviewStage.id()), as: "priya")
  }
}

extension TopicsView {
  /// The first letters of the keys of a topic's tickets, each with its number.
  func groups(of topic: TopicView) throws -> [Character: Int] {
    let pairs = zip(try #require(tickets), try #require(assignments)).filter { $1 == topic.id }
    return Dictionary(grouping: pairs.compactMap(\.0.first), by: \.self).mapValues(\.count)
  }
}
