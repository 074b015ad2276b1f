import Contract
import JSON
import LaunchModel
import ReviewService
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite("The topics of a spike")
struct SpikeTopicsTests {
  private static let notice = Notice(
    key: "spike/smart-routing/1/tickets/1", people: ["dana"], functions: [.product, .cs, .support],
    text: "smart-routing has more tickets than expected")

  private func send(_ harness: Harness) async throws {
    try await harness.receive(Announcements.noticeSpike, from: .metrics, launch: ReviewStage.launch, Self.notice)
    try await harness.sweep()
  }

  @Test("After a spike notice, the topic with a larger share is announced to the same people, once")
  func drivers() async throws {
    try await ReviewStage.run { harness in
      try await TicketTexts.ship(harness, now: "2027-03-04T16:00:00Z")
      try await TicketTexts.open(harness, "a", TicketTexts.activation.prefix(3), at: "2027-03-03T10:00:00Z")
      try await TicketTexts.open(harness, "p", TicketTexts.passwords.prefix(8), at: "2027-03-03T10:00:00Z")
      try await TicketTexts.open(harness, "A", TicketTexts.activation.suffix(7), at: "2027-03-04T10:00:00Z")
      try await TicketTexts.open(harness, "P", TicketTexts.passwords.suffix(1), at: "2027-03-04T10:00:00Z")
      try await send(harness)
      try await send(harness)
      let announced = try await harness.announced(Announcements.reviewTopics)
      #expect(announced.count == 1, "the same notice is the same spike")
      let topics = try #require(announced.first)
      #expect(topics.key == Self.notice.key && topics.attempt == 1)
      #expect(topics.people == ["dana"] && topics.functions == [.product, .cs, .support])
      #expect(topics.count == 8 && topics.countBefore == 11)
      // If no ticket is left outside, 7 of 8 against 3 of 11: 0.0149 by Fisher's exact test.
      #expect(topics.drivers.count == 1)
      let driver = try #require(topics.drivers.first)
      #expect(driver.count >= 6 && driver.countBefore <= 3)
      let probability = try #require(driver.probability)
      #expect(probability < 0.05)
      let example = try #require(driver.examples.first)
      #expect(TicketTexts.activation.contains(example))
      #expect(topics.text.contains(driver.label))
      #expect(topics.notes == [])
    }
  }

  @Test(
    "Without metrics, the notice says what is unknown; before the second day it names the largest topics"
  )
  func withoutMetrics() async throws {
    try await ReviewStage.run { harness in
      try await TicketTexts.ship(harness, now: "2027-03-03T12:00:00Z")
      try await TicketTexts.open(harness, "a", TicketTexts.activation.prefix(4), at: "2027-03-03T10:00:00Z")
      harness.peers.removeAnswer(MetricsRoutes.showPlan)
      try await send(harness)
      let topics = try #require(try await harness.announced(Announcements.reviewTopics).first)
      #expect(topics.count == 4 && topics.countBefore == 0)
      #expect(topics.drivers.count == 1 && topics.drivers.allSatisfy { $0.count >= 3 })
      #expect(topics.notes.count == 2)
      #expect(topics.notes.contains { $0.contains("by the feature alone") })
      #expect(topics.notes.contains { $0.contains("no earlier tickets") })
    }
  }

  @Test("A notice about an attempt that does not exist is completed without an announcement")
  func unknownAttempt() async throws {
    try await ReviewStage.run { harness in
      try await TicketTexts.ship(harness, now: "2027-03-04T16:00:00Z")
      var notice = Self.notice
      notice.key = "spike/smart-routing/7/tickets/1"
      try await harness.receive(Announcements.noticeSpike, from: .metrics, launch: ReviewStage.launch, notice)
      try await harness.sweep()
      #expect(try await harness.announced(Announcements.reviewTopics).isEmpty)
      let open = try await harness.environment.database.read {
        try $0.query("SELECT key FROM spikes WHERE explained_at IS NULL").count
      }
      #expect(open == 0)
    }
  }

  @Test("Topics that could not be published are announced once the bus is back")
  func retried() async throws {
    try await ReviewStage.run { harness in
      try await TicketTexts.ship(harness, now: "2027-03-04T16:00:00Z")
      try await harness.receive(Announcements.noticeSpike, from: .metrics, launch: ReviewStage.launch, Self.notice)
      harness.bus.isReachable = false
      await #expect(throws: (any Error).self) { try await harness.sweep() }
      harness.bus.isReachable = true
      try await harness.sweep()
      #expect(try await harness.announced(Announcements.reviewTopics).map(\.key) == [Self.notice.key])
    }
  }
}
