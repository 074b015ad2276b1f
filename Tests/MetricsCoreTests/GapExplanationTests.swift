import LaunchModel
import MetricsCore
import Testing

@Suite("Explaining a gap")
struct GapExplanationTests {
  @Test("The contributions to a share add up to its gap from the target")
  func share() throws {
    let found = try #require(
      GapExplanation(
        [
          .init("small", numerator: 30, denominator: 300), .init("enterprise", numerator: 120, denominator: 200),
          .init("no segment", numerator: 0, denominator: 0),
        ], against: 0.4))
    #expect(abs(found.gap - (150.0 / 500 - 0.4)) < 1e-15)
    #expect(found.contributions.map(\.label) == ["small", "enterprise", "no segment"])
    // (30 − 0.4 × 300) / 500 and (120 − 0.4 × 200) / 500
    #expect(abs(found.contributions[0].amount + 0.18) < 1e-15 && abs(found.contributions[1].amount - 0.08) < 1e-15)
  }

  @Test("Against an earlier period, figures and weights both contribute, and add up to the gap")
  func mix() throws {
    let before: [GapExplanation.Part] = [
      .init("de", numerator: 40, denominator: 100), .init("en", numerator: 20, denominator: 100),
    ]
    let shifted: [GapExplanation.Part] = [
      .init("de", numerator: 20, denominator: 50), .init("en", numerator: 30, denominator: 150),
    ]
    let found = try #require(GapExplanation(shifted, againstParts: before))
    #expect(abs(found.gap - (50.0 / 200 - 60.0 / 200)) < 1e-15)
    #expect(found.contributions.allSatisfy { abs($0.ownChange) < 1e-15 }, "only the mix of locales changed")
    let other = try #require(
      GapExplanation(shifted + [.init("fr", numerator: 9, denominator: 20)], againstParts: before))
    #expect(abs(other.gap - (59.0 / 220 - 60.0 / 200)) < 1e-12)
    #expect(other.contributions.first { $0.label == "fr" }?.ownChange == 0)
  }

  @Test("Random parts always add up to the gap")
  func random() throws {
    var generator = SplitMix64(seed: 9)
    for _ in 0..<200 {
      func parts() -> [GapExplanation.Part] {
        (0..<5).compactMap { index in
          let denominator = generator.count(mean: 30)
          guard generator.uniform() < 0.8 else { return nil }
          return .init(
            "\(index)", numerator: Double(denominator) * generator.uniform(), denominator: Double(denominator))
        }
      }
      let (now, before) = (parts(), parts())
      guard !now.isEmpty, !before.isEmpty else { continue }
      func figure(_ parts: [GapExplanation.Part]) -> Double {
        parts.reduce(0) { $0 + $1.numerator } / parts.reduce(0) { $0 + $1.denominator }
      }
      let found = try #require(GapExplanation(now, againstParts: before))
      #expect(abs(found.gap - (figure(now) - figure(before))) < 1e-12)
    }
  }

  @Test("A count is compared with what was expected for each week")
  func counts() {
    let found = GapExplanation([
      .init("week 1", count: 90, expected: 50), .init("week 2", count: 10, expected: 20),
      .init("week 3", count: 5, expected: 5),
    ])
    #expect(found.gap == 30)
    #expect(found.contributions.map(\.amount) == [40, -10, 0])
  }

  @Test("Late events and amendments are distinguished from the figure at the window's end")
  func steps() {
    let found = GapExplanation(steps: [
      .init("at the window's end", value: 0.28, target: 0.3), .init("late events", value: 0.31, target: 0.3),
      .init("amendment 1", value: 0.31, target: 0.35),
    ])
    #expect(abs(found.gap - (0.31 - 0.35)) < 1e-15)
    #expect(found.contributions.map(\.label) == ["amendment 1", "late events", "at the window's end"])
  }

  @Test("Without a denominator there is nothing to explain")
  func empty() {
    #expect(GapExplanation([], against: 0.3) == nil)
    #expect(GapExplanation([.init("a", numerator: 0, denominator: 0)], againstParts: []) == nil)
  }
}
