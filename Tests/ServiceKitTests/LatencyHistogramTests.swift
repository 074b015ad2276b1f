import Testing

@testable import ServiceKit

@Suite struct LatencyHistogramTests {
  @Test("A quantile is at most a fifth too high", arguments: [(0.5, 500.0), (0.9, 900.0), (0.99, 990.0)])
  func quantiles(_ share: Double, _ exact: Double) {
    var histogram = LatencyHistogram()
    for milliseconds in 1...1_000 { histogram.record(.milliseconds(milliseconds)) }
    let quantile = histogram.quantile(share)
    #expect(quantile >= exact)
    #expect(quantile <= exact * 1.2)
    #expect(histogram.maximum == 1_000)
    #expect(histogram.count == 1_000)
  }

  @Test("Without calls there are no quantiles") func empty() {
    #expect(LatencyHistogram().quantile(0.5) == 0)
  }

  @Test("A latency beyond the last bucket is reported as the maximum") func maximum() {
    var histogram = LatencyHistogram()
    histogram.record(.seconds(4_000))
    #expect(histogram.quantile(0.5) == 4_000_000)
  }
}
