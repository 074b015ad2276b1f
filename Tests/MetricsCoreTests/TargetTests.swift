import MetricsCore
import Testing

@Suite("Targets")
struct TargetTests {
  @Test(
    "A target is a comparison and a number, optionally with a percent sign and a unit",
    arguments: [
      (">= 30%", ">= 30%", 0.3), (">=30%", ">= 30%", 0.3), ("  >   500 ", "> 500", 500), ("<= 0.5", "<= 0.5", 0.5),
      ("< 33.3%", "< 33.3%", 0.333), (">= 70% helpful", ">= 70% helpful", 0.7),
      (">= 1000 views", ">= 1000 views", 1000),
      (">= 70%helpful", ">= 70% helpful", 0.7),
    ])
  func reads(text: String, normal: String, value: Double) throws {
    let target = try #require(Target(text))
    #expect(target.description == normal)
    #expect(target.value == value)
  }

  @Test(
    "Other text is not a target",
    arguments: [
      "", "30%", ">=", ">= %", "= 30%", "=> 30%", ">= 30 %%", ">= -1", ">= 1e3", ">= 1.2.3", ">= .5", ">= 5.",
      ">= 30% useful", ">= 1234567890123456", "≥ 30%", ">= ３０%",
    ])
  func refuses(text: String) { #expect(Target(text) == nil) }

  @Test("A share exactly at the target meets it, whatever its numerator and denominator")
  func exactEquality() throws {
    for tenths in 0...1000 {
      let target = try #require(Target(">= \(tenths / 10).\(tenths % 10)%"))
      for factor in [1, 3, 7, 13] {
        #expect(target.isMet(by: Double(tenths * factor) / Double(1000 * factor)))
      }
    }
  }

  @Test(
    "Each comparison has its own boundary",
    arguments: [
      (">= 30%", true, true, false), ("> 30%", true, false, false), ("<= 30%", false, true, true),
      ("< 30%", false, false, true),
    ])
  func comparisons(text: String, above: Bool, equal: Bool, below: Bool) throws {
    let target = try #require(Target(text))
    #expect(target.isMet(by: 0.31) == above)
    #expect(target.isMet(by: 0.3) == equal)
    #expect(target.isMet(by: 0.29) == below)
  }
}
