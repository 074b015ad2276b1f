import LaunchModel
import MetricsCore
import Testing

@Suite("Gaps of feeds")
struct FeedGapsTests {
  /// What is open and filled, in hours, after a gap from 8 to 12 was reported and a span was filled.
  struct Fill: Sendable {
    var span: ClosedRange<Int>
    var open: [ClosedRange<Int>]
    var filled: [ClosedRange<Int>]
  }

  @Test(
    "A fill closes the part of a gap that it names, and nothing else",
    arguments: [
      Fill(span: 8...12, open: [], filled: [8...12]),
      Fill(span: 7...20, open: [], filled: [8...12]),
      Fill(span: 7...9, open: [9...12], filled: [8...9]),
      Fill(span: 11...13, open: [8...11], filled: [11...12]),
      Fill(span: 9...10, open: [8...9, 10...12], filled: [9...10]),
      Fill(span: 5...8, open: [8...12], filled: []),
      Fill(span: 12...14, open: [8...12], filled: []),
      Fill(span: 9...9, open: [8...12], filled: []),
    ])
  func fill(_ fill: Fill) {
    var gaps = FeedGaps()
    gaps.report(span(8...12), at: at(13))
    gaps.fill(span(fill.span), at: at(14))
    #expect(hours(gaps.open) == fill.open)
    #expect(hours(gaps.all.filter { $0.filledAt == at(14) }) == fill.filled)
    #expect(gaps.all.allSatisfy { $0.reportedAt == at(13) })
    #expect(hours(gaps.known(at: at(13)).open).first?.lowerBound == 8, "as it was known before")
    #expect(hours(gaps.known(at: at(13)).open).last?.upperBound == 12)
    #expect(gaps.known(at: at(12)) == FeedGaps())
  }

  @Test("Several gaps are kept separate; if gaps overlap, only the additional part is new")
  func several() {
    var gaps = FeedGaps()
    gaps.report(span(8...10), at: at(20))
    gaps.report(span(14...16), at: at(21))
    gaps.report(span(9...15), at: at(22))
    gaps.report(span(9...10), at: at(23))
    #expect(hours(gaps.open) == [8...10, 10...14, 14...16])
    #expect(gaps.open.map(\.reportedAt) == [at(20), at(22), at(21)])
    gaps.fill(span(9...15), at: at(24))
    #expect(hours(gaps.open) == [8...9, 15...16])
  }

  @Test("A fill before its gap has no effect, and a gap that is reported again is open again")
  func order() {
    var gaps = FeedGaps()
    gaps.fill(span(8...12), at: at(13))
    gaps.report(span(8...12), at: at(14))
    #expect(hours(gaps.open) == [8...12])
    gaps.fill(span(8...12), at: at(15))
    gaps.report(span(8...12), at: at(16))
    #expect(hours(gaps.open) == [8...12] && gaps.all.count == 2)
    #expect(gaps.known(at: at(15)).open == [], "as it was known after the fill")
  }

  @Test("A gap without a known end is filled once its beginning is")
  func endless() {
    var gaps = FeedGaps([.init(since: at(8), until: nil, reportedAt: at(9))])
    gaps.report(span(10...12), at: at(13))
    gaps.fill(span(9...20), at: at(21))
    #expect(gaps.open.map(\.since) == [at(8)])
    gaps.fill(span(8...9), at: at(22))
    #expect(gaps.open == [])
  }

  @Test("Only the reporter of a gap and the feed itself fill it; of an earlier gap the reporter is not known")
  func fillers() {
    var gaps = FeedGaps()
    gaps.report(span(8...12), at: at(13), by: "//bridge/")
    gaps.fill(span(8...12), at: at(14), by: "//other")
    #expect(hours(gaps.open) == [8...12] && gaps.open.map(\.refusedFiller) == ["//other"])
    // Another's report of the same span does not make the gap its own.
    gaps.report(span(8...12), at: at(15), by: "//other")
    gaps.fill(span(8...12), at: at(16), by: "//other")
    #expect(gaps.open.map(\.reporter) == ["//bridge/"])
    gaps.fill(span(8...9), at: at(17), by: "//bridge/")
    #expect(hours(gaps.open) == [9...12])
    gaps.fill(span(8...12), at: at(18))
    #expect(gaps.open == [])
    gaps.report(span(20...21), at: at(22))
    gaps.fill(span(20...21), at: at(23), by: "//other")
    #expect(gaps.open == [])
  }

  @Test("People are notified of each gap once, even after a part of it was filled")
  func noticed() {
    var gaps = FeedGaps()
    gaps.report(span(8...12), at: at(13))
    gaps.notice(at: at(14))
    gaps.fill(span(8...9), at: at(15))
    #expect(gaps.open.map(\.noticedAt) == [at(14)])
    gaps.report(span(12...13), at: at(16))
    #expect(gaps.open.map(\.noticedAt) == [at(14), nil])
  }

  @Test("Every open gap is kept, but only a limited number of filled ones")
  func bounded() {
    var gaps = FeedGaps()
    gaps.report(span(0...1), at: at(1))
    for hour in 1...FeedGaps.kept + 8 {
      gaps.report(span(2 * hour...2 * hour + 1), at: at(10_000))
      gaps.fill(span(2 * hour...2 * hour + 1), at: at(10_001))
    }
    #expect(gaps.all.count == FeedGaps.kept + 1 && hours(gaps.open) == [0...1])
  }

  private func span(_ hours: ClosedRange<Int>) -> Range<Timestamp> { at(hours.lowerBound)..<at(hours.upperBound) }

  private func at(_ hour: Int) -> Timestamp { Timestamp(microseconds: Int64(hour) * 3_600_000_000) }

  private func hours(_ gaps: [FeedGaps.Gap]) -> [ClosedRange<Int>] {
    gaps.compactMap { gap in
      gap.until.map {
        Int(gap.since.microseconds / 3_600_000_000)...Int($0.microseconds / 3_600_000_000)
      }
    }
  }
}
