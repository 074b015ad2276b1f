import Testing

@testable import ServiceKit

@Suite struct LatencyHistogramTests {
  @Test(arguments: [(0.5, 500.0), (0.9, 900.0), (0.99, 990.0)])
  func aQuantileIsAtMostAFifthTooHigh(_ share: Double, _ exact: Double) {
    var histogram = LatencyHistogram()
    for milliseconds in 1...1_000 { histogram.record(.milliseconds(milliseconds)) }
    let quantile = histogram.quantile(share)
    #expect(quantile >= exact)
    #expect(quantile <= exact * 1.2)
    #expect(histogram.maximum == 1_000)
    #expect(histogram.count == 1_000)
  }

  @Test func withoutCallsThereIsNothingToTell() {
    #expect(LatencyHistogram().quantile(0.5) == 0)
  }

  @Test func whatIsLongerThanEveryBoundIsTheMaximum() {
    var histogram = LatencyHistogram()
    histogram.record(.seconds(4_000))
    #expect(histogram.quantile(0.5) == 4_000_000)
  }
}
