import JSON
import Contract
import LaunchModel
import MetricsCore
import Testing

@Suite("Reading signals")
struct SignalTests {
  @Test("Each type that metrics count is read")
  func reads() throws {
    #expect(
      try signal(.featureUsed, ["feature": "f", "account": "a", "count": 3]) == .featureUsed(feature: "f", account: "a")
    )
    #expect(try signal(.accountActive, ["account": "a"]) == .accountActive(account: "a"))
    #expect(
      try signal(.accountChanged, ["account": "a", "state": "merged", "mergedInto": "b"])
        == .accountChanged(account: "a", state: .merged, mergedInto: "b"))
    #expect(
      try signal(.articleRated, ["article": "x", "rating": "down", "voter": "v"])
        == .articleRated(article: "x", locale: nil, voter: "v", isHelpful: false))
    #expect(
      try signal(.ticketUpdated, ["ticket": "t", "tags": ["x", "y"], "mergedInto": "u"])
        == .ticketUpdated(ticket: "t", about: .init(tags: ["x", "y"]), mergedInto: "u"))
  }

  @Test(
    "Scores of each scale are satisfied from where the contract says",
    arguments: [
      ("thumbs", "up", true), ("thumbs", "down", false), ("thumbs", 1, true), ("thumbs", 0, false), ("1-5", 4, true),
      ("1-5", 3, false), ("1-5", 5, true), ("1-10", 8, true), ("1-10", 7, false), ("1-10", 10, true),
    ] as [(String, JSONValue, Bool)])
  func satisfaction(scale: String, score: JSONValue, isSatisfied: Bool) throws {
    let data: JSONValue = ["ticket": "t", "scale": .string(scale), "score": score]
    #expect(
      try signal(.csatScored, data)
        == .csatScored(ticket: "t", isSatisfied: isSatisfied, account: nil, feature: nil, channel: nil))
  }

  @Test(
    "A missing or malformed field is the event's fault and is named",
    arguments: [
      (.featureUsed, ["account": "a"], "data.feature"), (.featureUsed, ["feature": "f"], "data.account"),
      (.featureUsed, ["feature": "f", "account": 7], "data.account"),
      (.featureUsed, ["feature": "f", "account": ""], "data.account"),
      (.featureUsed, ["feature": "f", "account": "a\u{0}"], "data.account"),
      (.featureUsed, ["feature": "f", "account": .string(String(repeating: "a", count: 513))], "data.account"),
      (.accountChanged, ["account": "a", "state": "gone"], "data.state"),
      (.accountChanged, ["account": "a", "state": "merged"], "data.mergedInto"),
      (.accountChanged, ["account": "a", "state": "merged", "mergedInto": "a"], "data.mergedInto"),
      (.articleRated, ["article": "a", "rating": "sideways"], "data.rating"),
      (.csatScored, ["ticket": "t", "scale": "1-5", "score": 6], "data.score"),
      (.csatScored, ["ticket": "t", "scale": "1-7", "score": 6], "data.scale"),
      (.csatScored, ["ticket": "t", "scale": "1-5"], "data.score"),
      (.ticketOpened, ["ticket": "t", "account": "a", "tags": "x"], "data.tags"),
    ] as [(SignalType, JSONValue, String)])
  func faults(type: SignalType, data: JSONValue, field: String) {
    let fault = #expect(throws: SignalFault.self) { try signal(type, data) }
    #expect(fault?.code == "malformed-data")
    #expect(fault?.detail.contains(field) == true)
  }

  @Test("Data that is no object is a fault", arguments: [nil, .null, "x", []] as [JSONValue?])
  func noObject(data: JSONValue?) {
    #expect(throws: SignalFault.self) { try signal(.featureUsed, data) }
  }

  @Test("Other types are nothing to metrics")
  func otherTypes() throws {
    #expect(try signal(.flagChanged, ["anything": 1]) == nil)
    #expect(try Signal(type: "com.example.other", data: nil) == nil)
  }

  @Test("A time up to 5 minutes after storage is taken, a later one is a fault, a missing one means storage")
  func times() throws {
    let stored = try #require(Timestamp("2027-03-02T09:00:00Z"))
    #expect(try observation(stored, time: nil).at == stored)
    #expect(try observation(stored, time: stored.adding(seconds: 300)).at == stored.adding(seconds: 300))
    let fault = #expect(throws: SignalFault.self) {
      try observation(stored, time: Timestamp(microseconds: stored.adding(seconds: 300).microseconds + 1))
    }
    #expect(fault?.code == "future-time")
  }

  private func signal(_ type: SignalType, _ data: JSONValue?) throws -> Signal? {
    try Signal(type: type.rawValue, data: data)
  }

  private func observation(_ stored: Timestamp, time: Timestamp?) throws -> MetricEvent {
    try MetricEvent(
      offset: 1, storedAt: stored, time: time, type: SignalType.accountActive.rawValue, source: "//test", id: "1",
      data: ["account": "a"])
  }
}
