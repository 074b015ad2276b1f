import JSON

/// What customers ask about the demo's launch: five kinds of questions in various wordings, and some questions that
/// only one customer asks.
enum DemoTickets {
  /// The kinds of questions.
  private enum Kind {
    case activation, rules, absence, importing, notifications, other
  }

  /// How often each kind occurs in 20 tickets, on a usual day and on the second day. As a result, half of the month's
  /// tickets ask where the switch is, which the review blames.
  private static let usual = mix([
    (.activation, 7), (.rules, 4), (.absence, 4), (.importing, 2), (.notifications, 2), (.other, 1),
  ])
  private static let secondDay = mix([(.activation, 18), (.rules, 1), (.absence, 1)])

  /// Returns the subject and body of a ticket. On the second day most customers look for the switch, which that day's
  /// announcement did not mention.
  static func text(day: Int, number: Int) -> (subject: String, body: String) {
    let kinds = day == 1 ? secondDay : usual
    // 7 and 20 have no common factor, so the kinds alternate.
    let kind = kinds[(day * 3 + number * 7) % kinds.count]
    let questions = questions(of: kind)
    let question = questions[(day * 5 + number) % questions.count]
    let opening = openings[(day + number) % openings.count]
    let closing = closings[(day * 2 + number) % closings.count]
    return (question.subject, opening + question.body + closing)
  }

  private static func mix(_ shares: [(kind: Kind, count: Int)]) -> [Kind] {
    shares.flatMap { Array(repeating: $0.kind, count: $0.count) }
  }

  private static let openings = ["Hi,\n\n", "", "Hello support team,\n\n", "Good morning,\n\n", ""]
  private static let closings = [
    "\n\nBest regards,\nAnna", "", "\n\nThanks!", "\n\n-- \nMarek Nowak\nOperations, +48 22 555 01 23",
    "\n\nOn 1 March 2027, the team wrote:\n> Smart routing is here. Requests find their way by themselves.",
  ]

  private static func questions(of kind: Kind) -> [(subject: String, body: String)] {
    switch kind {
    case .activation:
      [
        ("Where do I switch smart routing on?", "I cannot find where to switch smart routing on."),
        ("Switch smart routing on", "How do we switch smart routing on? There is nothing in the settings."),
        ("Cannot find the switch", "Where is the switch to turn smart routing on for our account?"),
        ("Turn on smart routing", "We read about smart routing and want to switch it on, but where?"),
        ("How to switch smart routing on", "Which menu do I need to switch smart routing on?"),
        ("Smart routing is off", "Smart routing is off for us. Where do I switch smart routing on?"),
        ("No switch for smart routing", "I am an administrator and do not see a switch to turn smart routing on."),
      ]
    case .rules:
      [
        ("A rule does not match", "My routing rule does not match any request, although the words are in the subject."),
        ("Routing rule does not match", "The routing rule for invoices does not match, requests stay in the inbox."),
        ("Rule is ignored", "One of our routing rules does not match. Does the order of the rules matter?"),
        ("Rules with two conditions", "A routing rule with two conditions does not match, each one alone does."),
        ("Why does the rule not match?", "The routing rule does not match requests that come in by email."),
        ("Rule stopped working", "Since yesterday a routing rule does not match any more. Nothing was changed."),
      ]
    case .absence:
      [
        ("Requests go to people on vacation", "Smart routing assigns requests to agents who are on vacation."),
        ("Agent on vacation", "Why are requests assigned to an agent on vacation? Nobody answers them."),
        ("Absent agents get requests", "Requests are assigned to agents on vacation or on sick leave."),
        ("Vacation is not respected", "Two agents are on vacation this week and still get requests assigned."),
        ("Assigned while on vacation", "How do I keep requests from being assigned to somebody on vacation?"),
      ]
    case .importing:
      [
        ("Import rules from CSV", "Can we import our routing rules from a CSV file? We have two hundred of them."),
        ("Importing rules fails", "Importing routing rules from a CSV file fails with an error in line 1."),
        ("CSV import of rules", "Which columns does the CSV file need to import routing rules?"),
        ("Import of rules", "The import of rules from our CSV file stops halfway."),
        ("Rules from a spreadsheet", "How do I import rules from a spreadsheet that I saved as CSV?"),
      ]
    case .notifications:
      [
        ("Notifications come twice", "Our agents get each notification twice since smart routing is on."),
        ("Two emails for each request", "We get two notification emails for each assigned request."),
        ("Duplicate notifications", "Notifications about assigned requests are sent twice."),
        ("Too many notifications", "Every assigned request sends the same notification twice, please stop this."),
      ]
    case .other:
      [
        ("Invoice address", "Please send our invoices to the new address in Gdynia."),
        ("Dark theme", "Is there a dark theme for the mobile app?"),
        ("Time zone of reports", "Reports are shown in UTC. Can they be shown in Tokyo time?"),
        ("Training", "Do you offer a training for new team leads?"),
        ("Delete an account", "An employee has left. How is their account deleted?"),
        ("API limits", "How many calls per minute does your API allow?"),
        ("Logo", "May we put our logo on the customer portal?"),
      ]
    }
  }
}
