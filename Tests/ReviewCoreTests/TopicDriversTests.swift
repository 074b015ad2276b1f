import Contract
import LaunchModel
import Testing

@testable import ReviewCore

@Suite("The topics that drive a rise in tickets")
struct TopicDriversTests {
  private static let exposure = "2027-03-02T14:00:00Z"
  private static let notice = "2027-03-04T16:00:00Z"

  /// Topics with a number of tickets an hour after exposure, and an hour before the notice.
  private func topics(_ counts: KeyValuePairs<String, (before: Int, recent: Int)>) throws -> AttemptTopics {
    let early = try Fixture.time(Self.exposure).adding(seconds: 3_600)
    let late = try Fixture.time(Self.notice).adding(seconds: -3_600)
    var topics = AttemptTopics()
    for (label, count) in counts {
      let start = topics.tickets.count
      for number in 0..<(count.before + count.recent) {
        topics.tickets.append(
          AttemptTopics.Ticket(key: "\(label)-\(number)", at: number < count.before ? early : late))
      }
      topics.topics.append(
        AttemptTopics.Topic(
          id: "topic/\(label)", label: label, language: "en", members: Array(start..<topics.tickets.count)))
    }
    return topics
  }

  @Test(
    "The tail of the hypergeometric distribution is exact",
    arguments: [
      // 120/1140, 1/70 and 17/70 by hand; the others by exact fractions in Python.
      (3, 10, 3, 20, 0.105_263_157_894_736_84), (4, 4, 4, 8, 1.0 / 70), (3, 4, 4, 8, 17.0 / 70), (0, 5, 5, 10, 1),
      (30, 60, 60, 120, 0.572_382_779_327_679_4), (4, 60, 4, 120, 0.059_362_206_421_029_95),
      (2_600, 10_000, 5_000, 20_000, 0.000_577_109_052_322_345_8), (5, 5, 5, 5, 1), (1, 5, 0, 10, 0),
    ] as [(Int, Int, Int, Int, Double)])
  func tail(marked: Int, drawn: Int, allMarked: Int, total: Int, expected: Double) {
    let tail = TopicDrivers.tail(atLeast: marked, ofDrawn: drawn, marked: allMarked, ofAll: total)
    #expect(abs(tail - expected) <= 1e-9 * expected)
  }

  @Test("A topic with a larger share and a new topic are named; one that only has more tickets is not")
  func grown() throws {
    let topics = try topics([
      "switch": (before: 12, recent: 40), "rules": (before: 30, recent: 36), "login": (before: 18, recent: 10),
      "crash": (before: 0, recent: 4), "typo": (before: 0, recent: 2),
    ])
    let finding = TopicDrivers.drivers(of: topics, at: try Fixture.time(Self.notice))
    #expect(finding.count == 92)
    #expect(finding.countBefore == 60)
    #expect(finding.drivers.map(\.label) == ["switch", "crash"])
    let driver = try #require(finding.drivers.first)
    #expect(driver.count == 40 && driver.countBefore == 12)
    #expect(abs(driver.share - 40.0 / 92) < 1e-12)
    #expect(driver.shareBefore == 0.2)
    #expect(finding.drivers[1].countBefore == 0)
  }

  @Test("A rise within random variation names no topics")
  func chance() throws {
    let topics = try topics(["a": (before: 4, recent: 6), "b": (before: 16, recent: 14)])
    let finding = TopicDrivers.drivers(of: topics, at: try Fixture.time(Self.notice))
    #expect(finding.drivers.isEmpty)
    let announced = finding.announcement(
      of: Notice(key: "k", text: "t"), launch: try #require(LaunchID("smart-routing")), attempt: 1, notes: [])
    #expect(announced.text.contains("no topic stands out"))
  }

  @Test("On the first day, the largest topics are named, with a note that there is no earlier day")
  func firstDay() throws {
    let topics = try topics([
      "a": (before: 0, recent: 3), "b": (before: 0, recent: 20), "c": (before: 0, recent: 9),
      "d": (before: 0, recent: 7),
    ])
    let finding = TopicDrivers.drivers(of: topics, at: try Fixture.time(Self.notice))
    #expect(finding.drivers.map(\.label) == ["b", "c", "d"])
    #expect(finding.drivers.allSatisfy { $0.shareBefore == nil && $0.probability == nil })
    let notice = Notice(key: "spike/smart-routing/1/tickets/1", people: ["dana"], functions: [.support], text: "t")
    let announced = finding.announcement(
      of: notice, launch: try #require(LaunchID("smart-routing")), attempt: 1, notes: ["metrics did not answer"])
    #expect(announced.key == notice.key && announced.people == ["dana"] && announced.functions == [.support])
    #expect(announced.notes.count == 2)
    #expect(announced.notes.first?.contains("no earlier tickets") == true)
    #expect(announced.text.contains("\"b\" (20 of 39 tickets)"))
  }

  @Test("Tickets after the notice do not count")
  func later() throws {
    let topics = try topics(["a": (before: 2, recent: 5)])
    let before = try Fixture.time(Self.notice).adding(seconds: -7_200)
    let finding = TopicDrivers.drivers(of: topics, at: before)
    #expect(finding.count == 0)
    #expect(finding.countBefore == 2)
    #expect(finding.drivers.isEmpty)
  }
}
