import Contract
import JSON
import LaunchModel
import MetricsCore
import Testing

@Suite("The parts of a metric's gap")
struct MetricGapTests {
  private static func adoption(_ target: String, days: Int64 = 14) -> JSONValue {
    ["key": "adoption", "kind": "adoption", "target": .string(target), "days": .integer(days)]
  }

  private func gap(_ trial: Trial, day: Int, _ key: String) throws -> GapView {
    try #require(try trial.evaluation(at: MetricEvents.moment(day: day)).gap(key))
  }

  /// Requires a dimension with these parts in this order, whose contributions add to the gap.
  private func expect(
    _ view: GapView, _ kind: GapView.Dimension.Kind, _ expected: [(label: String, contribution: Double)]
  ) throws {
    let parts = try #require(view.dimensions.first { $0.kind == kind }).parts
    #expect(parts.map(\.label) == expected.map(\.label))
    for (part, wanted) in zip(parts, expected) {
      #expect(abs(try #require(part.contribution) - wanted.contribution) < 1e-12, "\(part.label)")
    }
    let gap = try #require(view.gap)
    #expect(abs(parts.compactMap(\.contribution).reduce(0, +) - gap) < 1e-12)
  }

  /// Five active accounts, of which three adopt in two weeks.
  private func trial(_ target: String) throws -> Trial {
    var trial = try Trial(Self.adoption(target))
    for (account, segment) in [("a", "enterprise"), ("b", "enterprise"), ("c", "smb")] {
      try trial.add(
        .accountChanged, ["account": .string(account), "state": "active", "segment": .string(segment)], day: 0)
    }
    for (account, day) in [("a", 1), ("c", 9), ("e", 10)] {
      try trial.add(.featureUsed, ["feature": "f", "account": .string(account)], day: day)
    }
    for (account, day) in [("b", 2), ("d", 1), ("e", 3)] {
      try trial.add(.accountActive, ["account": .string(account)], day: day)
    }
    return trial
  }

  @Test("Adoption is split by the week of activity and first use, and by segment")
  func adoption() throws {
    let view = try gap(try trial(">= 40%"), day: 20, "adoption")
    #expect(view.value == 0.6 && view.reference == 0.4 && view.comparedWith == .target && view.unit == .share)
    #expect(view.dimensions.map(\.kind) == [.week, .segment])
    // Week 1: 1 of 4 accounts, (1 − 0.4 × 4) / 5; week 2: 2 more of 1 more, (2 − 0.4) / 5.
    try expect(view, .week, [("week 2", 0.32), ("week 1", -0.12)])
    // smb: (1 − 0.4) / 5; not given, d and e: (1 − 0.8) / 5; enterprise, a and b: the same.
    try expect(view, .segment, [("smb", 0.12), ("-", 0.04), ("enterprise", 0.04)])
    let segments = try #require(view.dimensions.last).parts
    #expect(segments.map(\.count) == [1, 1, 1] && segments.map(\.total) == [1, 2, 2])
  }

  @Test("A merged account counts once, in the segment of the account that it was merged into")
  func mergedSegment() throws {
    var trial = try Trial(Self.adoption(">= 50%"))
    try trial.add(.accountChanged, ["account": "old", "state": "active", "segment": "smb"], day: 0)
    try trial.add(.accountChanged, ["account": "big", "state": "active", "segment": "enterprise"], day: 0)
    try trial.add(.featureUsed, ["feature": "f", "account": "old"], day: 1)
    try trial.add(.accountActive, ["account": "big"], day: 1)
    try trial.add(.accountChanged, ["account": "old", "state": "merged", "mergedInto": "big"], day: 3)
    try trial.add(.accountChanged, ["account": "big", "state": "active"], day: 4)
    let view = try gap(trial, day: 20, "adoption")
    try expect(view, .segment, [("enterprise", 0.5)])
  }

  @Test("Excluded accounts are in no segment; without segments the dimension does not exist")
  func noSegment() throws {
    var trial = try Trial(Self.adoption(">= 50%"))
    try trial.add(.accountChanged, ["account": "ours", "state": "internal", "segment": "enterprise"], day: 0)
    try trial.add(.featureUsed, ["feature": "f", "account": "ours"], day: 1)
    try trial.add(.accountActive, ["account": "a"], day: 1)
    let view = try gap(trial, day: 20, "adoption")
    #expect(view.gap == -0.5)
    #expect(view.dimensions.map(\.kind) == [.week])
  }

  @Test("Late events' and an amendment's effects are distinguished from the figure at the window's end")
  func steps() throws {
    func trial(_ target: String) throws -> Trial {
      var trial = try Trial(Self.adoption(target, days: 7))
      try trial.add(.featureUsed, ["feature": "f", "account": "a"], day: 1)
      try trial.add(.accountActive, ["account": "b"], day: 2)
      try trial.add(.featureUsed, ["feature": "f", "account": "b"], day: 3, storedOn: 9)
      return trial
    }
    let now = MetricEvents.moment(day: 12)
    let sealed = try trial(">= 40%").evaluation(at: now)
    // At the end 1 of 2 accounts, later 2 of 2.
    try expect(
      try #require(sealed.gap("adoption")), .steps, [("late events", 0.5), ("at the window's end", 0.1)])
    let amended = try trial(">= 80%").evaluation(at: now)
    try expect(
      try #require(amended.gap("adoption", sealed: sealed)), .steps,
      [("late events", 0.5), ("amendments", -0.4), ("at the window's end", 0.1)])
  }

  @Test("Nothing is reported for an unchanged figure, or while the window is open")
  func noSteps() throws {
    let trial = try trial(">= 40%")
    #expect(try gap(trial, day: 20, "adoption").dimensions.map(\.kind) == [.week, .segment])
    #expect(try gap(trial, day: 13, "adoption").dimensions.map(\.kind) == [.week, .segment])
  }

  @Test("Tickets are compared with the forecast for each day; channels are only counted")
  func tickets() throws {
    var trial = try Trial([
      "key": "tickets", "kind": "tickets", "forecast": 10, "days": 2, "shares": [75, 25],
    ])
    for number in 0..<15 {
      try trial.add(
        .ticketOpened,
        [
          "ticket": .string("T-\(number)"), "account": "acme", "feature": "f",
          "channel": number < 2 ? "email" : "chat",
        ], day: number < 6 ? 0 : 1)
    }
    let view = try gap(trial, day: 3, "tickets")
    #expect(view.comparedWith == .forecast && view.unit == .number && view.value == 15)
    #expect(abs(try #require(view.gap) - 5) < 1e-9)
    let days = try #require(view.dimensions.first { $0.kind == .day }).parts
    #expect(days.map(\.label) == ["day 2", "day 1"])
    // 9 against 2.5, and 6 against 7.5.
    #expect(abs(try #require(days[0].contribution) - 6.5) < 1e-9)
    #expect(abs(try #require(days[1].contribution) + 1.5) < 1e-9)
    let channels = try #require(view.dimensions.first { $0.kind == .channel }).parts
    #expect(channels.map(\.label) == ["chat", "email"])
    #expect(channels.map(\.count) == [13, 2] && channels.map(\.contribution) == [nil, nil])
  }

  @Test("Each score is compared with the others in its channel")
  func satisfaction() throws {
    var trial = try Trial(["key": "csat", "kind": "csat", "margin": "5%", "days": 30])
    for number in 0..<20 {
      try trial.score("oc-\(number)", 5, feature: "other", channel: "chat")
      try trial.score("oe-\(number)", number < 10 ? 5 : 1, feature: "other", channel: "email")
    }
    for number in 0..<5 {
      try trial.score("fc-\(number)", number < 4 ? 5 : 1, feature: "f", channel: "chat")
      try trial.score("fe-\(number)", number < 1 ? 5 : 1, feature: "f", channel: "email")
    }
    let view = try gap(trial, day: 31, "csat")
    // 5 of 10, against half of 100 % and half of 50 %.
    #expect(view.value == 0.5 && view.comparedWith == .others)
    #expect(abs(try #require(view.reference) - 0.75) < 1e-12)
    // chat: (4 − 5 × 1) / 10; email: (1 − 5 × 0.5) / 10
    try expect(view, .channel, [("email", -0.15), ("chat", -0.1)])
    try expect(view, .week, [("week 1", -0.25)])
  }

  @Test("Votes are split by locale; votes without one are a part of their own")
  func locales() throws {
    var trial = try Trial([
      "key": "kb", "kind": "articles", "target": ">= 70% helpful", "articles": ["a"], "days": 30,
    ])
    func vote(_ locale: String?, _ up: Int, of count: Int) throws {
      for number in 0..<count {
        var data: [String: JSONValue] = [
          "article": "a", "rating": number < up ? "up" : "down", "voter": .string("\(locale ?? "-")-\(number)"),
        ]
        data["locale"] = locale.map { .string($0) }
        try trial.add(.articleRated, .object(data), day: 3)
      }
    }
    try vote("de", 1, of: 4)
    try vote("en", 4, of: 4)
    try vote(nil, 1, of: 2)
    let view = try gap(trial, day: 31, "kb")
    // 6 of 10; de: (1 − 2.8) / 10; en: (4 − 2.8) / 10; not given: (1 − 1.4) / 10
    try expect(view, .locale, [("de", -0.18), ("en", 0.12), ("-", -0.04)])
  }

  @Test("At most eight parts are shown, with the others combined")
  func other() throws {
    var trial = try Trial([
      "key": "kb", "kind": "articles", "target": ">= 10% helpful", "articles": ["a"], "days": 30,
    ])
    // The n-th locale has n votes, all of them helpful: 55 votes, of which each adds 0.9 / 55.
    for locale in 1...10 {
      for number in 1...locale {
        try trial.add(
          .articleRated,
          [
            "article": "a", "rating": "up", "locale": .string("l\(locale)"), "voter": .string("\(locale)-\(number)"),
          ], day: 3)
      }
    }
    let view = try gap(trial, day: 31, "kb")
    let largest = (3...10).reversed().map { (label: "l\($0)", contribution: 0.9 * Double($0) / 55) }
    try expect(view, .locale, largest + [(label: "other", contribution: 0.9 * 3 / 55)])
    #expect(try #require(view.dimensions.first).parts.last?.count == 3)
  }

  @Test("A number given as the baseline is compared too; before exposure there is nothing to explain")
  func baseline() throws {
    let metric: JSONValue = [
      "key": "adoption", "kind": "adoption", "target": ">= 40%", "days": 14, "baseline": 0.25,
    ]
    var trial = try Trial(metric)
    try trial.add(.featureUsed, ["feature": "f", "account": "a"], day: 1)
    #expect(try gap(trial, day: 20, "adoption").sinceBaseline == 0.75)
    let dark = try gap(try Trial(metric, attempt: nil), day: 20, "adoption")
    #expect(dark.gap == nil && dark.dimensions == [])
    #expect(try trial.evaluation(at: MetricEvents.moment(day: 20)).gap("nope") == nil)
  }
}
