import Contract
import JSON
import LaunchModel
import Messaging

/// The events that other systems publish in the demo, the same in every run.
struct DemoEvents: Sendable {
  let launch: String
  /// When day 0 begins.
  let exposure: Timestamp

  /// A CI system's report on an item.
  func evidence(_ item: String, _ run: String, at time: Timestamp) -> CloudEvent {
    event(
      "//ci/", "evidence.recorded", "ci-\(item)-\(run)", time,
      [
        "launch": .string(launch), "item": .string(item), "outcome": "passed", "kind": "link",
        "url": .string("https://ci/\(run)"),
      ])
  }

  /// The knowledge base's report on an article.
  func published(locale: String, at time: Timestamp) -> CloudEvent {
    event(
      "//kb/", "article.published", "kb-\(locale)", time,
      [
        "article": "routing-intro", "locale": .string(locale), "feature": .string(launch), "launch": .string(launch),
        "title": "Smart routing: how requests find their way",
      ])
  }

  /// All signals of the days since exposure, counted from 0.
  func signals(days: Range<Int>) -> [CloudEvent] {
    days.flatMap { day in use(on: day) + tickets(on: day) + satisfaction(on: day) + articles(on: day) }
  }

  /// Four hundred accounts; the last 287 never use the feature.
  private func use(on day: Int) -> [CloudEvent] {
    let active = (0..<400).filter { $0 % 10 == day % 10 }.map { account in
      event(
        "//analytics/", "account.active", "active-\(day)-\(account)", moment(day, account),
        ["account": Self.account(account)])
    }
    let used = (0..<113).filter { Self.firstUse(of: $0) == day || Self.firstUse(of: $0) + 7 == day }.map { account in
      event(
        "//analytics/", "feature.used", "used-\(day)-\(account)", moment(day, account),
        ["feature": .string(launch), "account": Self.account(account)])
    }
    return active + used
  }

  /// Most accounts that ever use it do so in the first days.
  private static func firstUse(of account: Int) -> Int { account * account * 29 / (113 * 113) }

  /// Ninety-six in the first week, fewer than forecast, and one a day after it.
  private func tickets(on day: Int) -> [CloudEvent] {
    let counts = [24, 20, 16, 12, 10, 8, 6]
    return (0..<(day < counts.count ? counts[day] : 1)).map { number in
      event(
        "//helpdesk/", "ticket.opened", "ticket-\(day)-\(number)", moment(day, number * 7),
        [
          "ticket": .string("T\(day)-\(number)"), "account": Self.account(number * 3), "feature": .string(launch),
          "subject": number % 3 == 0 ? "Where do I switch smart routing on?" : "A rule does not match",
        ])
    }
  }

  private func satisfaction(on day: Int) -> [CloudEvent] {
    (0..<12).map { number in
      let isAboutIt = number % 4 == 0
      let score: JSONValue = (number + day) % (isAboutIt ? 9 : 7) == 0 ? 2 : 5
      var data: [String: JSONValue] = [
        "ticket": .string("C\(day)-\(number)"), "score": score, "scale": "1-5", "account": Self.account(number),
        "channel": "email",
      ]
      data["feature"] = isAboutIt ? .string(launch) : nil
      return event("//helpdesk/", "csat.scored", "csat-\(day)-\(number)", moment(day, number * 11), data)
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

  /// A minute of the day, within the 24 hours from exposure.
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
