import JSON
import Contract
import LaunchModel
import Testing

@Suite("The result fields that scripts read")
struct ViewFieldsTests {
  @Test(
    "A metric without data has every field of the contract, as null",
    arguments: ["value", "numerator", "denominator", "low", "high", "target", "windowStart", "watermark", "curve"])
  func metric(field: String) throws {
    let view = MetricView(key: "adoption", kind: "adoption", verdict: .pending)
    let value = try JSONCoding.value(view)
    #expect(value[field] == JSONValue.null)
    #expect(try JSONCoding.decode(MetricView.self, from: value) == view)
  }

  @Test(
    "A gate without a decision has every field of the contract, as null",
    arguments: ["decision", "digest", "at", "by", "artifact"])
  func gate(field: String) throws {
    let launch = try #require(LaunchID("smart-routing"))
    let view = GateView(open: false, of: DecisionView(launch: launch), reasons: [])
    let value = try JSONCoding.value(view)
    #expect(value[field] == JSONValue.null)
    #expect(try JSONCoding.decode(GateView.self, from: value) == view)
  }
}
