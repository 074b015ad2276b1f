import Contract
import Glibc
import LaunchModel
import MetricsCore
import TestSupport
import Testing

@Suite("Feeds")
struct FeedTests {
  @Test("Neither order nor grouping of events changes a history")
  func order() {
    let hours = (0..<400).map { Double($0 * 37 % 997) }
    var (ascending, mixed) = (FeedHistory(), FeedHistory())
    for hour in hours.sorted() { ascending.record(at: at(hour), count: 2, utcOffset: 0) }
    for hour in hours + hours { mixed.record(at: at(hour), utcOffset: 0) }
    #expect(ascending == mixed)
    #expect(ascending.firstSeen == at(0) && ascending.lastSeen == hours.max().map(at))
  }

  @Test("A batch counts the events of each feed by the hours in which they happened and were stored", arguments: 0..<20)
  func batch(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var batch = FeedBatch()
    var expected: [String: Int] = [:]
    for _ in 0..<200 {
      let number = Int.random(in: 0..<3, using: &random)
      let happened = Int.random(in: 0..<3, using: &random)
      let stored = happened + Int.random(in: 0..<2, using: &random)
      let moment = at(Double(happened) + 0.25)
      let storedAt = at(Double(stored) + 0.5)
      var source = "//source/\(number)"
      if number == 0 {
        source.withUTF8 {
          batch.add(isUse: true, source: UnsafeRawBufferPointer($0), at: moment, storedAt: storedAt)
        }
      } else {
        batch.add(FeedName(type: "com.example.x", source: source), at: moment, storedAt: storedAt)
      }
      expected["\(source) \(stored - happened) \(moment)", default: 0] += 1
    }
    var found: [String: Int] = [:]
    for (name, addition) in batch.additions {
      #expect(name.type == (name.source == "//source/0" ? SignalType.featureUsed.rawValue : "com.example.x"))
      for (hours, events) in addition.hours {
        let moment = Timestamp(microseconds: Int64(hours.happened) * 3_600_000_000 + 900_000_000)
        found["\(name.source) \(hours.stored - hours.happened) \(moment)", default: 0] += events
      }
    }
    #expect(found == expected)
  }

  @Test("A history holds at most the hours of thirteen weeks")
  func bounded() {
    var history = FeedHistory()
    for hour in 0..<5_000 { history.record(at: at(Double(hour)), utcOffset: 0) }
    #expect(history.counts.count == FeedHistory.hours)
    #expect(history.firstSeen == at(0))
  }

  @Test("An even stream has the gaps of a Poisson process")
  func stream() throws {
    let feed = feed(hours: Array(0..<(6 * 168)), count: 4)
    let rhythm = try #require(feed.rhythm(utcOffset: 0))
    #expect(rhythm.kind == .stream)
    #expect(abs(rhythm.probability(ofGapFrom: 1_000, to: 1_002.5) - exp(-10)) < 1e-12)
    // Silent from e^(−4 h) × 4 × 24 × 91 = 0.1, which is 2.846 hours.
    #expect(!rhythm.isSilence(from: 0, to: 2.84) && rhythm.isSilence(from: 0, to: 2.85))
  }

  @Test("Batches have gamma distributed gaps", arguments: ForecastOracle.batchGaps)
  func batches(hours: Double, probability: Double) throws {
    let feed = feed(hours: (0..<42).map { $0 * 24 + 2 }, count: 500)
    let rhythm = try #require(feed.rhythm(utcOffset: 0))
    #expect(rhythm.kind == .batches)
    #expect(abs(rhythm.probability(ofGapFrom: 0, to: hours) - probability) < 1e-9)
    #expect(rhythm.isSilence(from: 0, to: 48) && !rhythm.isSilence(from: 0, to: 30))
  }

  @Test("A feed that is active in office hours is not considered silent at night or on weekends")
  func officeHours() throws {
    // From 9 to 18 o'clock, Monday to Friday; hour 96 is a Monday, 00:00.
    let hours = (0..<56).filter { $0 % 7 < 5 }.flatMap { day in (9..<18).map { 96 + day * 24 + $0 } }
    let rhythm = try #require(feed(hours: hours, count: 10).rhythm(utcOffset: 0))
    let friday = Double(hours[hours.count - 1] + 1)
    #expect(!rhythm.isSilence(from: friday, to: friday + 63), "until Monday at 9")
    #expect(rhythm.isSilence(from: friday, to: friday + 66), "until Monday at noon")
  }

  @Test("A learned silence ends with the next event")
  func learnt() throws {
    var feed = feed(hours: Array(0..<(6 * 168)), count: 4)
    #expect(status(feed, at: 1_009) == .alive)
    guard case .silent(let silence) = status(feed, at: 1_020) else {
      Issue.record("the feed is silent")
      return
    }
    #expect(silence.since == at(1_007))
    #expect(try #require(silence.probability) < 1e-15)
    feed.history.record(at: at(1_019.5), utcOffset: 0)
    #expect(status(feed, at: 1_020) == .alive)
  }

  @Test("A reported gap remains until it is filled, whatever arrives, and does not hide a silence")
  func reported() {
    var feed = feed(hours: Array(0..<(6 * 168)), count: 4)
    feed.gaps.report(at(1_004)..<at(1_006), at: at(1_007))
    feed.history.record(at: at(1_008), utcOffset: 0)
    #expect(status(feed, at: 1_008) == .silent(.init(since: at(1_004), probability: nil)))
    guard case .silent(let silence) = status(feed, at: 1_020) else {
      Issue.record("the feed is silent")
      return
    }
    #expect(silence.since == at(1_008))
    feed.gaps.fill(at(1_004)..<at(1_006), at: at(1_009))
    #expect(status(feed, at: 1_009) == .alive)
  }

  @Test("An accepted silence is inconclusive until the feed delivers again, and so is a retired feed")
  func rulings() {
    var feed = feed(hours: Array(0..<(6 * 168)), count: 4)
    feed.rule(.accepted, at: at(1_014))
    feed.silences = [.init(since: at(1_007), noticedAt: at(1_015))]
    guard case .silent = status(feed, at: 1_020) else {
      Issue.record("nothing is accepted before it is noticed")
      return
    }
    feed.rule(.accepted, at: at(1_015))
    guard case .accepted = status(feed, at: 1_020) else {
      Issue.record("the silence is accepted")
      return
    }
    feed.history.record(at: at(1_020), utcOffset: 0)
    guard case .silent = status(feed, at: 1_040) else {
      Issue.record("a later silence was not accepted")
      return
    }
    feed.rule(.retired, at: at(1_041))
    #expect(status(feed, at: 2_000) == .retired)
    #expect(feed.acceptances == [at(1_014), at(1_015)], "what was accepted stays so")
    feed.history.record(at: at(2_000), utcOffset: 0)
    #expect(status(feed, at: 2_001) == .alive)
  }

  @Test("A feed that never delivered is recognized as such, unless a gap was reported for it")
  func never() {
    #expect(FeedState().rhythm(utcOffset: 0) == nil)
    #expect(status(FeedState(), at: 5) == .neverDelivered)
    var reported = FeedState()
    reported.gaps.report(at(1)..<at(2), at: at(2))
    #expect(status(reported, at: 5) == .silent(.init(since: at(1), probability: nil)))
  }

  @Test(
    "A feed without a rhythm is silent after four days, or after twice the time it has delivered for",
    arguments: [
      ([0], 96.0, false), ([0], 97.0, true), ([0, 20], 116.0, false), ([0, 20], 117.0, true),
      ([0, 72], 216.0, false), ([0, 72], 217.0, true),
    ])
  func withoutRhythm(hours: [Int], hour: Double, isSilent: Bool) {
    let feed = feed(hours: hours, count: 1)
    #expect(feed.rhythm(utcOffset: 0) == nil)
    let silence = FeedState.Silence(since: at(Double(hours[hours.count - 1])), probability: nil)
    #expect(status(feed, at: hour) == (isSilent ? .silent(silence) : .alive))
  }

  @Test(
    "Long unnoticed gaps in the history do not disable the detector",
    arguments: [[300], [200, 500, 800, 1_100]])
  func outages(starts: [Int]) throws {
    let outages = starts.map { $0..<$0 + 100 }
    let hours = (0..<(8 * 168)).filter { hour in !outages.contains { $0.contains(hour) } }
    let rhythm = try #require(feed(hours: hours, count: 4).rhythm(utcOffset: 0))
    let end = Double(8 * 168)
    #expect(rhythm.isSilence(from: end, to: end + 24))
    #expect(!rhythm.isSilence(from: end, to: end + 1))
  }

  @Test("A rhythm is learned without the silences in it, and gives the expected number of events")
  func expected() throws {
    let hours = (0..<(8 * 168)).filter { !(300..<468).contains($0) }
    let rhythm = try #require(feed(hours: hours, count: 4).rhythm(utcOffset: 0))
    #expect(abs(rhythm.expected(from: 2_000, to: 2_168) - 672) < 1)
    #expect(rhythm.expected(from: 2_000, to: 2_000) == 0)
  }

  @Test("What a feed had delivered by a moment is determined by the hour of storage")
  func known() {
    let rows = [(1, 1), (2, 2), (3, 50)].map { FeedDeliveries.Row(hour: $0.0, storedHour: $0.1, events: 1) }
    #expect(FeedDeliveries(rows).known(at: at(49.5)).rows == Array(rows[..<2]))
    #expect(FeedDeliveries(rows).known(at: at(50.5)).rows == rows)
    #expect(FeedDeliveries(rows).hasHoles(at: at(60)) == false)
    #expect(FeedDeliveries(rows + [.init(hour: 40, storedHour: 40, events: 1)]).hasHoles(at: at(60)))
  }

  @Test("A nightly export of the previous day is silent if an export is missing, and not between exports")
  func nightly() throws {
    // Four events an hour, each day's stored at 02:00 on the next one, for eight weeks.
    let rows = (0..<(56 * 24)).map { FeedDeliveries.Row(hour: $0, storedHour: ($0 / 24 + 1) * 24 + 2, events: 4) }
    let deliveries = FeedDeliveries(rows)
    #expect(deliveries.lag == 26)
    let arrivals = try #require(FeedArrivals(deliveries))
    let feed = feed(hours: Array(0..<(56 * 24)), count: 4)
    let rhythm = feed.rhythm(utcOffset: 0)
    func isSilent(_ hour: Double) -> Bool {
      feed.silence(at: at(hour), rhythm: rhythm, arrivals: arrivals, utcOffset: 0) != nil
    }
    #expect(!isSilent(56 * 24 + 20) && !isSilent(57 * 24 + 3))
    #expect(isSilent(58 * 24 + 2))
    #expect(FeedArrivals(FeedDeliveries(rows.map { .init(hour: $0.hour, storedHour: $0.hour, events: 4) })) == nil)
  }

  @Test("In the first two weeks, no gap of less than four days counts as a silence")
  func firstDays() {
    let feed = feed(hours: Array(0..<120), count: 50)
    #expect(status(feed, at: 120 + 90) == .alive)
    #expect(status(feed, at: 120 + 97) != .alive)
  }

  private func feed(hours: [Int], count: Int) -> FeedState {
    var feed = FeedState()
    for hour in hours { feed.history.record(at: at(Double(hour)), count: count, utcOffset: 0) }
    return feed
  }

  private func status(_ feed: FeedState, at hour: Double) -> FeedState.Status {
    feed.status(at: at(hour), rhythm: feed.rhythm(utcOffset: 0), utcOffset: 0)
  }

  private func at(_ hours: Double) -> Timestamp { Timestamp(microseconds: Int64(hours * 3_600_000_000)) }
}
