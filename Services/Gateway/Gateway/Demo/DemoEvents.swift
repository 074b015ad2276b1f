import Contract
import JSON
import LaunchModel
import Messaging

/// The events that other systems publish in the demo, the same in every run.
struct DemoEvents: Sendable {
  let launch: String
  /// The start of day 0.
  let exposure: Timestamp

  /// Returns a CI system's report on an item.
  func evidence(_ item: String, _ run: String, at time: Timestamp) -> CloudEvent {
    event(
      "//ci/", "evidence.recorded", "ci-\(item)-\(run)", time,
      [
        "launch": .string(launch), "item": .string(item), "outcome": "passed", "kind": "link",
        "url": .string("https://ci/\(run)"),
      ])
  }

  /// Returns the knowledge base's report on an article.
  func published(locale: String, at time: Timestamp) -> CloudEvent {
    var data: [String: JSONValue] = [
      "article": "routing-intro", "locale": .string(locale), "feature": .string(launch), "launch": .string(launch),
    ]
    switch locale {
    case "de": data["title"] = "Smart Routing: So finden Anfragen ihren Weg"
    case "fr": data["title"] = "Smart Routing : comment les demandes trouvent leur chemin"
    default:
      data["title"] = "Smart routing: how to switch it on"
      data["body"] = "Switch smart routing on in the settings: choose Requests, then Routing, and turn the switch on."
    }
    return event("//kb/", "article.published", "kb-\(locale)", time, data)
  }

  /// Returns the knowledge base's report on an article that no item of the launch requires.
  func publishedOnRules(at time: Timestamp) -> CloudEvent {
    event(
      "//kb/", "article.published", "kb-rules", time,
      [
        "article": "routing-rules", "locale": "en", "title": "Why a routing rule does not match",
        "body": .string(
          "A routing rule does not match if one of its conditions fails, or if another rule above it matches first. Rules are "
            + "tried in their order, from top to bottom."),
      ])
  }

  /// Returns all signals of the days since exposure, counted from 0, without the scores of some days.
  func signals(days: Range<Int>, withoutScoresOf missing: Range<Int> = 0..<0) -> [CloudEvent] {
    days.flatMap { day in
      let scores = missing.contains(day) ? [] : scores(on: day)
      return use(on: day) + tickets(on: day) + scores + articles(on: day)
    }
  }

  /// Returns the scores of days, which are delivered late.
  func scores(days: Range<Int>) -> [CloudEvent] { days.flatMap { scores(on: $0) } }

  /// Returns a bridge's report that the scores of days are missing, or that they have been delivered.
  func gap(days: Range<Int>, isFilled: Bool, at time: Timestamp) -> CloudEvent {
    event(
      "//bridge/", isFilled ? "feed.filled" : "feed.gap", isFilled ? "filled" : "gap", time,
      [
        "feed": ["type": .string(SignalType.csatScored.rawValue), "source": "//helpdesk/"],
        "from": .string("\(exposure.adding(days: days.lowerBound))"),
        "to": .string("\(exposure.adding(days: days.upperBound))"),
      ])
  }

  /// Returns a day's activity of 400 accounts, and the use of the feature by the first 113 of them.
  private func use(on day: Int) -> [CloudEvent] { activity(on: day) + use(on: day, by: 113, halfOfThemBy: 7) }

  /// Returns the use of a feature by some of 400 accounts over all of its days.
  ///
  /// - Parameter withActivity: whether to include the accounts' other activity. If launches share days, only one of
  ///   them may include it.
  func use(by adopters: Int, halfOfThemBy halfway: Int, of days: Int, withActivity: Bool) -> [CloudEvent] {
    (0..<days).flatMap { day in
      (withActivity ? activity(on: day) : []) + use(on: day, by: adopters, halfOfThemBy: halfway)
    }
  }

  /// Returns the product activity of a day: each account works with the product on one day in ten.
  private func activity(on day: Int) -> [CloudEvent] {
    (0..<400).filter { $0 % 10 == day % 10 }.flatMap { account in
      let active = event(
        "//analytics/", "account.active", "\(launch)-active-\(day)-\(account)", moment(day, account),
        ["account": Self.account(account)])
      let uses = (0..<5).map { number in
        event(
          "//analytics/", "feature.used", "\(launch)-inbox-\(day)-\(account)-\(number)",
          moment(day, account + number * 90), ["feature": "inbox", "account": Self.account(account)])
      }
      return [active] + uses
    }
  }

  private func use(on day: Int, by adopters: Int, halfOfThemBy halfway: Int) -> [CloudEvent] {
    (0..<adopters).filter { account in
      let first = Self.firstUse(of: account, of: adopters, halfway: halfway)
      return first == day || first + 7 == day
    }.map { account in
      event(
        "//analytics/", "feature.used", "\(launch)-used-\(day)-\(account)", moment(day, account),
        ["feature": .string(launch), "account": Self.account(account)])
    }
  }

  /// Returns the first day on which an adopter uses the feature: the first half of the adopters start one after the
  /// other up to `halfway`, the others over the rest of the thirty days.
  private static func firstUse(of account: Int, of adopters: Int, halfway: Int) -> Int {
    let half = adopters / 2
    return account < half
      ? account * halfway / half : halfway + (account - half) * (29 - halfway) / max(1, adopters - half)
  }

  /// Returns a day's tickets: in the first two days far more than forecast, until Support changes the article.
  private func tickets(on day: Int) -> [CloudEvent] {
    let counts = [66, 58, 16, 12, 10, 8, 6]
    return (0..<(day < counts.count ? counts[day] : 1)).map { number in
      let text = DemoTickets.text(day: day, number: number)
      return event(
        "//helpdesk/", "ticket.opened", "ticket-\(day)-\(number)", moment(day, number * 7),
        [
          "ticket": .string("T\(day)-\(number)"), "account": Self.account(number * 3), "feature": .string(launch),
          "subject": .string(text.subject), "body": .string(text.body), "locale": "en",
        ])
    }
  }

  private func scores(on day: Int) -> [CloudEvent] {
    (0..<12).map { number in
      let isAboutIt = number % 4 == 0
      let score: JSONValue = (number + day) % (isAboutIt ? 9 : 7) == 0 ? 2 : 5
      return event(
        "//helpdesk/", "csat.scored", "csat-\(day)-\(number)", moment(day, number * 11),
        [
          "ticket": .string("C\(day)-\(number)"), "score": score, "scale": "1-5", "account": Self.account(number),
          "channel": "email", "feature": .string(isAboutIt ? launch : "reports"),
        ])
    }
  }

  private func articles(on day: Int) -> [CloudEvent] {
    let views = (0..<40).map { number in
      event(
        "//kb/", "article.viewed", "view-\(day)-\(number)", moment(day, number),
        ["article": "routing-intro", "locale": "en", "account": Self.account(number)])
    }
    let votes = (0..<5).map { number in
      let rating: JSONValue = (number + day) % 6 == 0 ? "down" : "up"
      return event(
        "//kb/", "article.rated", "vote-\(day)-\(number)", moment(day, number * 13),
        ["article": "routing-intro", "locale": "en", "rating": rating, "voter": .string("v\(day)-\(number)")])
    }
    return views + votes
  }

  private static func account(_ number: Int) -> JSONValue { .string("account-\(number)") }

  /// Returns a time on a day, to the minute, within 24 hours from exposure.
  private func moment(_ day: Int, _ number: Int) -> Timestamp {
    exposure.adding(days: day).adding(seconds: Int64(60 + number % 1_400 * 60))
  }

  private func event(
    _ source: String, _ type: String, _ id: String, _ time: Timestamp, _ data: [String: JSONValue]
  ) -> CloudEvent {
    CloudEvent(
      id: "demo-\(id)", source: source, type: "\(EventNamespace.signals)\(type).v1", subject: launch, time: time,
      data: .object(data))
  }
}
