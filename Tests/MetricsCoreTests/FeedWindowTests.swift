import Contract
import JSON
import LaunchModel
import MetricsCore
import Testing

/// A figure of seven days, met by its tickets, as its feeds leave it.
@Suite("Feeds and windows")
struct FeedWindowTests {
  /// What is known of the feeds, and the verdict that follows.
  struct Rule: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var feeds: [FeedOutlook.Condition]
    var verdict: Verdict
    /// A part of the notes; nil if there is none about feeds.
    var note: String?
    /// The day on which it is asked.
    var day: Int

    init(_ name: String, _ feeds: [FeedOutlook.Condition], _ verdict: Verdict, _ note: String?, on day: Int = 8) {
      testDescription = name
      self.feeds = feeds
      self.verdict = verdict
      self.note = note
      self.day = day
    }
  }

  @Test("A window is judged by what its feeds delivered in it", arguments: delivered + silences + gaps + retired)
  func window(_ rule: Rule) throws {
    var trial = try Trial(["key": "t", "kind": "tickets", "forecast": 20])
    try trial.add(.ticketOpened, ["ticket": "t", "account": "a", "feature": "f"], day: 1)
    var evaluation = try trial.evaluation(at: MetricEvents.moment(day: rule.day))
    evaluation.evidence.feeds = FeedOutlook(rule.feeds)
    let view = try #require(evaluation.views().first)
    #expect(view.verdict == rule.verdict)
    if let note = rule.note {
      #expect(view.notes.contains { $0.contains(note) }, "\(view.notes)")
    } else {
      #expect(!view.notes.contains { $0.contains(Self.type) }, "\(view.notes)")
    }
  }

  private static let delivered = [
    Rule("delivers throughout", [feed()], .met, nil),
    Rule("never delivered", [], .unknown, "no \(type) has ever been delivered"),
    Rule("never delivered, window open", [], .pending, "has ever been delivered", on: 3),
    Rule("first delivery at the end of the window", [feed(first: 168)], .unknown, "before the end of the window"),
    Rule("first delivery on the first day", [feed(first: 24)], .met, nil),
    Rule("first delivery after the first day", [feed(first: 25)], .unknown, "the first \(type) is of"),
    Rule("first delivery late, window open", [feed(first: 25)], .unknown, "what came before it is not known", on: 3),
    Rule("another source delivered before", [feed(first: 25), feed(from: "//b")], .met, nil),
    Rule("nothing since the beginning", [feed(last: -1)], .unknown, "nothing of \(type) was delivered in the window"),
    Rule("nothing so far", [feed(last: -1)], .pending, nil, on: 3),
    Rule("something at the beginning", [feed(last: 0)], .met, nil),
  ]

  private static let silences = [
    Rule("silent now, since the window", [feed(silence(167, nil))], .unknown, "is silent since"),
    Rule("silent now, since its end", [feed(silence(168, nil))], .met, nil),
    Rule("silent now, accepted", [feed(silence(160, nil, true))], .inconclusive, "which Product Ops accepted"),
    Rule("one of two sources is silent", [feed(silence(160, nil)), feed(from: "//b")], .unknown, "//a is silent"),
    Rule("silent for less than a tenth", [feed(silence(10, 26))], .met, "was silent for 16 h of the window"),
    Rule("silent for more than a tenth", [feed(silence(10, 27))], .unknown, "was silent for 17 h of the window"),
    Rule("silent twice", [feed(silence(10, 19), silence(30, 38))], .unknown, "was silent for 17 h of the window"),
    Rule("silent before and in it", [feed(silence(-90, 16))], .met, "was silent for 16 h of the window"),
    Rule("silent in it and after it", [feed(silence(150, 300))], .unknown, "was silent for 18 h of the window", on: 20),
    Rule("silent before and after it", [feed(silence(-90, 0), silence(168, 180))], .met, nil),
    Rule("was silent, accepted", [feed(silence(10, 12, true))], .inconclusive, "which Product Ops accepted"),
  ]

  private static let gaps = [
    Rule("a gap in it", [feed(gap(10, 11))], .unknown, "has a reported gap from"),
    Rule("a gap up to its beginning", [feed(gap(-5, 0))], .met, nil),
    Rule("a gap from its end", [feed(gap(168, 170))], .met, nil),
    Rule("a gap across its end", [feed(gap(167, 170))], .unknown, "has a reported gap from"),
    Rule("a gap without end", [feed(gap(100, nil))], .unknown, "has a reported gap since"),
    Rule("a gap without end after it", [feed(gap(168, nil))], .met, nil),
    Rule("an accepted gap", [feed(gap(10, 11, true))], .inconclusive, "which Product Ops accepted"),
    Rule("an accepted gap and another", [feed(gap(10, 11, true), gap(20, 21))], .unknown, "has a reported gap"),
    Rule("a gap of a feed that never delivered", [feed(first: nil, last: nil, gap(10, 11))], .unknown, "ever been"),
  ]

  private static let retired = [
    Rule("retired before it", [feed(last: -30, retired: -1), feed(from: "//b")], .met, nil),
    Rule("retired before it, alone", [feed(last: -30, retired: -1)], .unknown, "nothing of"),
    Rule("retired in it", [feed(last: 20, retired: 30), feed(from: "//b")], .inconclusive, "is retired since"),
    Rule("retired in it, alone", [feed(last: 20, retired: 30)], .unknown, "nothing else delivers it"),
    Rule("retired after it fell silent in it", [feed(last: 20, retired: 180)], .unknown, "nothing else delivers it"),
    Rule("retired after it", [feed(last: 170, retired: 180)], .met, nil),
    Rule("retired, never delivered", [feed(first: nil, last: nil, retired: -1)], .unknown, "has ever been delivered"),
  ]

  private static let type = SignalType.ticketOpened.rawValue

  /// A feed that delivered from and up to an hour of the window, from 0.
  private static func feed(
    from source: String = "//a", first: Int64? = -1_000, last: Int64? = 190, retired: Int64? = nil,
    _ absences: FeedAbsence...
  ) -> FeedOutlook.Condition {
    FeedOutlook.Condition(
      name: FeedName(type: type, source: source), status: retired == nil ? .alive : .retired, firstSeen: first.map(at),
      lastSeen: last.map(at), retiredAt: retired.map(at), absences: absences)
  }

  private static func silence(_ since: Int64, _ until: Int64?, _ isAccepted: Bool = false) -> FeedAbsence {
    FeedAbsence(.silence, since: at(since), until: until.map(at), isAccepted: isAccepted)
  }

  private static func gap(_ since: Int64, _ until: Int64?, _ isAccepted: Bool = false) -> FeedAbsence {
    FeedAbsence(.gap, since: at(since), until: until.map(at), isAccepted: isAccepted)
  }

  private static func at(_ hour: Int64) -> Timestamp { MetricEvents.exposure.adding(seconds: hour * 3_600) }
}
