import Contract
import JSON
import LaunchModel
import MetricsCore
import Testing

/// What must not make a figure known: figures of 7 or 30 days that are met by their tickets, exposed on Friday at 09:00
/// UTC, at hour 0.
@Suite("Holes of feeds that nothing excuses")
struct FeedHoleTests {
  // MARK: Public holidays

  @Test("One weekday with most of the volume has no public holidays")
  func oneWeekday() throws {
    // On Mondays 100 events an hour from 9 to 17 o'clock, on the other days one; Monday is missing.
    let feed = Self.feed { hour in
      guard Self.isOffice(hour), !(56..<80).contains(hour) else { return 0 }
      return Self.day(hour) == 0 ? 100 : 1
    }
    #expect(try Self.verdict([feed]) == .unknown)
  }

  @Test(
    "A public holiday is one closed working day, also if it begins before the window or ends after it",
    arguments: [
      // Tuesday; Thursday and Friday, with the window's beginning between them; from its last Thursday on.
      (87..<111, Verdict.met), (-24..<10, .unknown), (143..<190, .unknown),
    ])
  func holiday(hole: Range<Int>, verdict: Verdict) throws {
    let feed = Self.feed { Self.isOffice($0) && !hole.contains($0) ? 2 : 0 }
    #expect(try Self.verdict([feed]) == verdict)
  }

  @Test("A feed that works on three days has no public holidays")
  func threeDays() throws {
    let feed = Self.feed { hour in
      Self.isOffice(hour) && [0, 2, 4].contains(Self.day(hour)) && !(56..<80).contains(hour) ? 2 : 0
    }
    #expect(try Self.verdict([feed]) == .unknown)
  }

  // MARK: Batches

  @Test("Twice the longest gap of weekly batches is silence, less is not")
  func weeklyBatches() throws {
    var feed = FeedState()
    for week in 0..<13 {
      let moment = Self.at(week * 168).adding(seconds: 1_800)
      feed.history.record(at: moment, count: 200, utcOffset: 0)
    }
    let rhythm = try #require(feed.rhythm(utcOffset: 0))
    #expect(rhythm.kind == .batches)
    func isSilent(_ hours: Int) -> Bool {
      let now = Self.at(12 * 168 + hours).adding(seconds: 1_800)
      return feed.silence(at: now, rhythm: rhythm, utcOffset: 0) != nil
    }
    #expect(!isSilent(168) && !isSilent(300) && isSilent(337))
  }

  @Test("A nightly batch that is published three hours late leaves nothing out; a lost one does")
  func lateBatch() throws {
    func feed(lost: Int?) -> FeedOutlook.Condition {
      var feed = Self.feed { hour in
        guard Self.sinceMonday(hour) % 24 == 2, hour != lost else { return 0 }
        return 500
      }
      // The batch of hour 41, 02:00 on Sunday, is stored at 05:00.
      let rows = feed.deliveries.rows.map { row in
        let isLate = row.hour == Self.start + 41
        return FeedDeliveries.Row(hour: row.hour, storedHour: row.hour + (isLate ? 3 : 0), events: row.events)
      }
      feed.deliveries = FeedDeliveries(rows)
      return feed
    }
    #expect(try Self.verdict([feed(lost: nil)], at: 90) == .pending)
    #expect(try Self.verdict([feed(lost: nil)]) == .met)
    #expect(try Self.verdict([feed(lost: 65)]) == .unknown)
  }

  // MARK: Imports

  @Test("An import in the history hides no outage of six days")
  func importedHour() throws {
    let feed = Self.feed { hour in
      if hour == -500 { return 5_000 }
      return (10..<154).contains(hour) ? 0 : 2
    }
    #expect(try Self.verdict([feed]) == .unknown)
  }

  @Test("An import in the window does not make up for the volume that is missing")
  func importedVolume() throws {
    // Two fifths of the volume, and in one hour 5,000 events.
    let feed = Self.feed { hour in hour < 0 ? 5 : hour == 50 ? 5_000 : 2 }
    #expect(try Self.verdict([feed]) == .unknown)
  }

  @Test("A volume of less than half can be accepted, and settles the window that was over by then")
  func acceptedVolume() throws {
    var low = Self.feed { $0 < 0 || $0 > 190 ? 5 : 2 }
    #expect(low.deliveries.hasHoles(at: Self.at(800)))
    let steady = Self.feed { _ in 5 }
    #expect(!steady.deliveries.hasHoles(at: Self.at(800)))
    #expect(try Self.verdict([low]) == .unknown)
    low.acceptances = [Self.at(180)]
    #expect(try Self.verdict([low]) == .inconclusive)
    low.acceptances = [Self.at(100)]
    #expect(try Self.verdict([low]) == .unknown)
  }

  // MARK: Several sources

  @Test("A source without a rhythm may begin late beside a firm one, but has to go on then")
  func youngSource() throws {
    let firm = Self.feed { _ in 2 }
    func young(until end: Int) -> FeedOutlook.Condition {
      Self.feed(from: "//b") { (60..<end).contains($0) ? 2 : 0 }
    }
    #expect(try Self.verdict([firm, young(until: 190)]) == .met)
    // 24 hours without events are accepted, 60 are not.
    #expect(try Self.verdict([firm, young(until: 144)]) == .met)
    #expect(try Self.verdict([firm, young(until: 108)]) == .unknown)
  }

  @Test("A source with less than a tenth of the events does not have to cover the window")
  func smallSource() throws {
    let firm = Self.feed { _ in 2 }
    let laptop = Self.feed(from: "//laptop") { (60..<70).contains($0) ? 2 : 0 }
    #expect(try Self.verdict([firm, laptop]) == .met)
  }

  // MARK: Limits

  @Test("Long holes in the window do not make long holes usual")
  func ownHoles() throws {
    // An event every 100 hours of 30 days; a tenth of them is 72 hours.
    let feed = Self.feed { (0..<720).contains($0) && $0 % 100 == 1 ? 2 : 0 }
    #expect(try Self.verdict([feed], at: 740, days: 30) == .unknown)
  }

  // MARK: Feeds

  private static let start = Int(MetricEvents.exposure.microseconds / 3_600_000_000)

  private static func at(_ hour: Int) -> Timestamp { MetricEvents.exposure.adding(seconds: Int64(hour) * 3_600) }

  /// The hours since Monday, 00:00.
  private static func sinceMonday(_ hour: Int) -> Int { ((hour + 9 + 4 * 24) % 168 + 168) % 168 }

  /// The weekday, 0 for Monday.
  private static func day(_ hour: Int) -> Int { sinceMonday(hour) / 24 }

  /// Whether an hour is from Monday to Friday, from 9 to 17 o'clock.
  private static func isOffice(_ hour: Int) -> Bool { day(hour) < 5 && (9..<17).contains(sinceMonday(hour) % 24) }

  /// A feed with that many events in each hour since 900 hours before exposure, stored at once.
  private static func feed(from source: String = "//a", _ events: (Int) -> Int) -> FeedOutlook.Condition {
    let rows = (-900..<800).compactMap { hour -> FeedDeliveries.Row? in
      let count = events(hour)
      return count > 0 ? FeedDeliveries.Row(hour: start + hour, storedHour: start + hour, events: count) : nil
    }
    return FeedOutlook.Condition(
      name: FeedName(type: SignalType.ticketOpened.rawValue, source: source), status: .alive,
      firstSeen: rows.first.map { at($0.hour - start) }, lastSeen: rows.last.map { at($0.hour - start) },
      deliveries: FeedDeliveries(rows))
  }

  private static func verdict(
    _ feeds: [FeedOutlook.Condition], at hour: Int = 192, days: Int64 = 7
  ) throws -> Verdict {
    var trial = try Trial(["key": "t", "kind": "tickets", "forecast": 20, "days": .integer(days)])
    try trial.add(.ticketOpened, ["ticket": "t", "account": "a", "feature": "f"], day: 0)
    let now = at(hour)
    var evaluation = try trial.evaluation(at: now)
    evaluation.evidence.feeds = FeedOutlook(
      feeds.map { feed in
        var feed = feed
        feed.deliveries = feed.deliveries.known(at: now)
        feed.lastSeen = feed.deliveries.rows.map(\.hour).max().map { at($0 - start) }
        return feed
      })
    return try #require(evaluation.views().first).verdict
  }
}
