import Contract
import JSON
import LaunchModel
import MetricsCore
import Testing

/// A figure of seven days, met by its tickets, as its feeds leave it. Hours are those since exposure, on Friday at 09:00 UTC.
@Suite("Feeds and windows")
struct FeedWindowTests {
  /// What is known of the feeds, and the verdict that follows.
  struct Rule: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var feeds: [FeedOutlook.Condition]
    var verdict: Verdict
    /// A part of the notes; nil if there is none about feeds.
    var note: String?
    /// The hour in which it is asked.
    var hour: Int
    /// The days of the window.
    var days: Int

    init(
      _ name: String, _ feeds: [FeedOutlook.Condition], _ verdict: Verdict, _ note: String?, at hour: Int = 192,
      days: Int = 7
    ) {
      testDescription = name
      self.feeds = feeds
      self.verdict = verdict
      self.note = note
      self.hour = hour
      self.days = days
    }
  }

  @Test(
    "A window is judged by what its feeds delivered in it",
    arguments: delivered + young + silences + filled + volumes + gaps + retired + accounts)
  func window(_ rule: Rule) throws {
    var trial = try Trial(["key": "t", "kind": "tickets", "forecast": 20, "days": .integer(Int64(rule.days))])
    try trial.add(.ticketOpened, ["ticket": "t", "account": "a", "feature": "f"], day: 0)
    var evaluation = try trial.evaluation(at: Self.at(rule.hour))
    evaluation.evidence.feeds = FeedOutlook(rule.feeds)
    let view = try #require(evaluation.views().first)
    #expect(view.verdict == rule.verdict, "\(view.notes)")
    if let note = rule.note {
      #expect(view.notes.contains { $0.contains(note) }, "\(view.notes)")
    } else {
      #expect(!view.notes.contains { $0.contains(Self.type) }, "\(view.notes)")
    }
  }

  @Test("Changes of accounts are missed only in figures whose events name accounts")
  func namedAccounts() throws {
    func verdict(_ fields: [String: JSONValue], _ type: SignalType, _ data: JSONValue) throws -> Verdict {
      let common: [String: JSONValue] = ["key": "a", "kind": "articles", "articles": ["x"], "days": 7]
      var trial = try Trial(.object(common.merging(fields) { $1 }))
      try trial.add(type, data, day: 0)
      var evaluation = try trial.evaluation(at: Self.at(192))
      evaluation.evidence.feeds = FeedOutlook([Self.feed(of: type), Self.feed(-900..<0, of: .accountChanged)])
      return try #require(evaluation.views().first).verdict
    }
    let views: [String: JSONValue] = ["target": ">= 1 views"]
    #expect(try verdict(views, .articleViewed, ["article": "x", "account": "a"]) == .unknown)
    #expect(try verdict(views, .articleViewed, ["article": "x"]) == .met)
    let votes: [String: JSONValue] = ["target": ">= 1% helpful", "minimumVotes": 1]
    #expect(try verdict(votes, .articleRated, ["article": "x", "rating": "up", "voter": "a"]) == .met)
  }

  private static let delivered = [
    Rule("delivers throughout", [feed()], .met, nil),
    Rule("never delivered", [], .unknown, "no \(type) has ever been delivered"),
    Rule("never delivered, window open", [], .pending, "has ever been delivered", at: 48),
    Rule("first delivery at the end of the window", [feed(168..<190)], .unknown, "before the end of the window"),
    Rule(
      "nothing since long before", [feed(-900..<(-400))], .unknown, "no \(type) was delivered in the window"),
    Rule("stopped two days before, window open", [feed(-900..<(-48))], .unknown, "is silent since", at: 5),
  ]

  private static let young = [
    Rule("first delivery on the first day", [feed(24..<190)], .met, nil),
    Rule("first delivery after the first day", [feed(25..<190)], .unknown, "the first \(type) is from"),
    Rule("first delivery late, window open", [feed(25..<48)], .unknown, "came before it is not known", at: 48),
    Rule("first delivery late in a day", [feed(7..<30)], .unknown, "the first \(type) is from", at: 30, days: 1),
    Rule("first delivery early in a day", [feed(6..<30)], .met, nil, at: 30, days: 1),
    Rule("first delivery late in a month", [feed(73..<800)], .unknown, "the first \(type) is from", at: 800, days: 30),
    Rule("two test events", [feed([-1_900, 1])], .unknown, "it usually comes is not known"),
    Rule("a smoke test and a late start", [feed([-1] + Array(93..<190))], .unknown, "it usually comes is not known"),
    Rule("its first and last days", [feed(Array(3..<6) + Array(700..<740))], .unknown, "not known", at: 740, days: 30),
    Rule("twelve days, then dead for half", [feed(-288..<190, but: [24..<112])], .unknown, "not known"),
    Rule("sixteen days of office hours", [feed(office(-360..<190))], .met, nil),
    Rule("the same, dead for four days", [feed(office(-360..<190), but: [79..<168])], .unknown, "not known"),
    Rule("three weekly exports, then none", [feed([-337, -169, -1, 624])], .unknown, "not known", at: 740, days: 30),
    Rule("weekly exports", [feed(Array(stride(from: -673, to: 800, by: 168)))], .met, nil, at: 740, days: 30),
    Rule(
      "weekly exports, too few before it", [feed(Array(stride(from: -337, to: 800, by: 168)))], .unknown,
      "it usually comes is not known", at: 740, days: 30),
  ]

  private static let silences = [
    Rule("silent for less than a tenth", [feed(but: [10..<26])], .met, "was silent for 16 h of the window"),
    Rule("silent for more than a tenth", [feed(but: [10..<27])], .unknown, "was silent for 17 h of the window"),
    Rule("silent twice", [feed(but: [10..<19, 30..<38])], .unknown, "was silent for 17 h of the window"),
    Rule(
      "silent four times", [feed(but: [10..<22, 40..<52, 80..<92, 120..<132])], .unknown,
      "was silent for 48 h of the window"),
    Rule("silent before and in it", [feed(but: [-90..<16])], .met, "was silent for 16 h of the window"),
    Rule(
      "silent in it and after it", [feed(-900..<480, but: [150..<300])], .unknown, "for 18 h of the window", at: 480),
    Rule("silent around it", [feed(but: [-90..<0, 168..<180])], .met, nil),
    Rule(
      "silent after a long gap nobody noticed", [feed(but: [-700..<(-460), 10..<60])], .unknown, "was silent for 50 h"),
    Rule("silent after four outages", [feed(but: outages + [10..<60])], .unknown, "was silent for 50 h"),
    Rule("silences afterwards", [feed(-900..<900, but: later + [10..<60])], .unknown, "was silent for 50 h", at: 900),
    Rule("silent now", [feed(-900..<100)], .unknown, "is silent since", at: 120),
    Rule("silent, accepted", [feed(but: [10..<60], accepted: [50])], .inconclusive, "which Product Ops accepted"),
    Rule("accepted before it was known", [feed(but: [10..<60], accepted: [11])], .unknown, "was silent for 50 h"),
    Rule(
      "two silences, one accepted", [feed(but: [10..<60, 80..<120], accepted: [65])], .unknown, "90 h of the window"),
    Rule("one of two sources", [feed(but: [10..<100]), feed(from: "//b")], .unknown, "//a was silent for 90 h"),
    Rule("a test event of another", [feed(), feed([50], from: "//laptop")], .met, nil),
    Rule("a public holiday", [feed(office(-900..<190), but: [56..<80])], .met, "a public holiday"),
    Rule("two of them", [feed(office(-900..<190), but: [56..<104])], .unknown, "too much of \(type) is missing"),
  ]

  private static let outages = [-800..<(-780), -600..<(-580), -400..<(-380), -200..<(-180)]
  private static let later = [300..<320, 400..<420, 500..<520, 600..<620]

  private static let filled = [
    Rule("filled late", [feed(but: [10..<60], late: Array(10..<60))], .met, nil),
    Rule("a sixth filled late", [feed(but: [10..<60], late: sixth(10..<60))], .unknown, "is missing"),
    Rule("half filled late", [feed(but: [10..<60], late: Array(10..<35))], .unknown, "was silent for"),
    Rule(
      "five a week, two of two weeks filled late",
      [feed(Array(stride(from: -2_000, to: 740, by: 33)), but: [100..<436], late: [210, 320])], .unknown,
      "is missing", at: 740, days: 30),
  ]

  private static let volumes = [
    Rule("a twentieth of the volume", [feed(each: 20, in: -900..<0) + (0..<190)], .unknown, "is missing"),
    Rule("two fifths of the volume", [feed(each: 5, in: -900..<0) + (0..<190) + (0..<190)], .unknown, "only 40 %"),
    Rule("three fifths of it", [feed(each: 5, in: -900..<0) + (0..<190) + (0..<190) + (0..<190)], .met, nil),
  ]

  private static let gaps = [
    Rule("a gap in it", [feed(gaps: [10..<11])], .unknown, "has a reported gap from"),
    Rule("a gap up to its beginning", [feed(gaps: [-5..<0])], .met, nil),
    Rule("a gap from its end", [feed(gaps: [168..<170])], .met, nil),
    Rule("a gap across its end", [feed(gaps: [167..<170])], .unknown, "has a reported gap from"),
    Rule("an accepted gap", [feed(accepted: [300], gaps: [10..<11])], .inconclusive, "which Product Ops accepted"),
    Rule("accepted before it was reported", [feed(accepted: [180], gaps: [10..<11])], .unknown, "reported gap"),
    Rule("a gap of a feed that never delivered", [feed([], gaps: [10..<11])], .unknown, "ever been"),
    Rule(
      "a gap of another that never delivered", [feed(), feed([], from: "//b", gaps: [10..<11])], .unknown, "//b has"),
    Rule(
      "a gap of updates that never came",
      [feed(), feed([], of: .ticketUpdated, from: "//b", gaps: [10..<11])], .unknown, "//b has a reported gap"),
    Rule("updates that stop", [feed(), feed(-900..<0, of: .ticketUpdated)], .unknown, "ticket.updated.v1 is missing"),
    Rule("updates that never came", [feed(), feed([-500], of: .ticketUpdated)], .met, nil),
  ]

  private static let accounts = [
    Rule(
      "changes of accounts that stop", [feed(), feed(-900..<0, of: .accountChanged)], .unknown,
      "account.changed.v1 is missing"),
    Rule("changes of accounts throughout", [feed(), feed(of: .accountChanged)], .met, nil),
    Rule("changes that never came", [feed()], .met, nil),
    Rule("an import of accounts", [feed(), feed(-200..<(-180), of: .accountChanged)], .met, nil),
    Rule("less than four weeks of changes", [feed(), feed(-600..<0, of: .accountChanged)], .met, nil),
    Rule(
      "an import beside them",
      [feed(), feed(of: .accountChanged), feed(-500..<(-480), of: .accountChanged, from: "//b")], .met, nil),
    Rule(
      "a gap of changes", [feed(), feed([], of: .accountChanged, from: "//b", gaps: [10..<11])], .unknown,
      "//b has a reported gap"),
  ]

  private static let retired = [
    Rule("retired before it", [feed(-900..<(-30), retired: -1), feed(from: "//b")], .met, nil),
    Rule("retired before it, alone", [feed(-900..<(-30), retired: -1)], .unknown, "no \(type) was delivered"),
    Rule(
      "its successor comes late", [feed(-900..<(-30), retired: -1), feed(130..<190, from: "//b")], .unknown, "first"),
    Rule("silent before it, retired in it", [feed(-900..<(-480), retired: 1), feed(from: "//b")], .met, nil),
    Rule(
      "a stray event after retirement", [feed(Array(-900..<(-30)) + [60], retired: -1), feed(from: "//b")], .met, nil),
    Rule("retired in it", [feed(-900..<20, retired: 30), feed(from: "//b")], .inconclusive, "has been retired since"),
    Rule("retired in it, alone", [feed(-900..<20, retired: 30)], .unknown, "too much of \(type) is missing"),
    Rule("alive again after it", [feed(Array(-900..<20) + [180], retired: 30)], .unknown, "too much of \(type)"),
    Rule("renamed", [feed(-900..<48, retired: 60), feed(48..<190, from: "//b")], .met, nil),
    Rule("renamed, not retired", [feed(-900..<48), feed(48..<190, from: "//b")], .met, nil),
    Rule("renamed after a gap", [feed(-900..<48), feed(80..<190, from: "//b")], .unknown, "is missing"),
    Rule("retired after it", [feed(retired: 200)], .met, nil),
    Rule("retired, never delivered", [feed([], retired: -1)], .unknown, "has ever been delivered"),
  ]

  private static let type = SignalType.ticketOpened.rawValue
  private static let start = Int(MetricEvents.exposure.microseconds / 3_600_000_000)

  private static func at(_ hour: Int) -> Timestamp { MetricEvents.exposure.adding(seconds: Int64(hour) * 3_600) }

  /// A feed with two events in each of the hours, but for some; the late ones were stored at an hour of their own.
  private static func feed(
    _ hours: some Sequence<Int> = -900..<190, of type: SignalType = .ticketOpened, from source: String = "//a",
    but outages: [Range<Int>] = [], late: [Int] = [], retired: Int? = nil, accepted: [Int] = [],
    gaps: [Range<Int>] = []
  ) -> FeedOutlook.Condition {
    let onTime = hours.filter { hour in !outages.contains { $0.contains(hour) } }
    let rows =
      onTime.map { FeedDeliveries.Row(hour: start + $0, storedHour: start + $0, events: 2) }
      + late.map { FeedDeliveries.Row(hour: start + $0, storedHour: start + 190, events: 2) }
    var reported = FeedGaps()
    for gap in gaps { reported.report(at(gap.lowerBound)..<at(gap.upperBound), at: at(190)) }
    return FeedOutlook.Condition(
      name: FeedName(type: type.rawValue, source: source), status: .alive, firstSeen: onTime.min().map(at),
      lastSeen: onTime.max().map(at), retiredAt: retired.map(at), acceptances: accepted.map(at), gaps: reported,
      deliveries: FeedDeliveries(rows))
  }

  /// A feed with that many events in each of the hours.
  private static func feed(each events: Int, in hours: Range<Int>) -> FeedOutlook.Condition {
    var feed = feed(hours)
    feed.deliveries = FeedDeliveries(hours.map { .init(hour: start + $0, storedHour: start + $0, events: events) })
    return feed
  }

  /// Every sixth hour.
  private static func sixth(_ hours: Range<Int>) -> [Int] {
    Array(stride(from: hours.lowerBound, to: hours.upperBound, by: 6))
  }

  /// The hours from Monday to Friday, from 9 to 17 o'clock; exposure is on a Friday at 9.
  private static func office(_ hours: Range<Int>) -> [Int] {
    hours.filter { hour in
      let sinceMonday = ((hour + 9 + 4 * 24) % 168 + 168) % 168
      return sinceMonday < 120 && (9..<17).contains(sinceMonday % 24)
    }
  }
}

extension FeedOutlook.Condition {
  /// The same feed with an event more in each of the hours since exposure.
  fileprivate static func + (feed: Self, hours: Range<Int>) -> Self {
    let start = Int(MetricEvents.exposure.microseconds / 3_600_000_000)
    var feed = feed
    feed.deliveries = FeedDeliveries(
      feed.deliveries.rows + hours.map { .init(hour: start + $0, storedHour: start + $0, events: 1) })
    feed.lastSeen = hours.last.map { MetricEvents.exposure.adding(seconds: Int64($0) * 3_600) }
    return feed
  }
}
