import JSON
import Contract
import LaunchModel
import Messaging
import Testing

@testable import Gateway

@Suite("Announced chain heads")
struct AnnouncedChainsTests {
  private static func event(_ service: String, _ launch: String, _ length: Int, _ hash: String) -> StoredEvent {
    let data: JSONValue = [
      "launch": .string(launch), "version": 1, "by": "dana", "at": "2027-01-01T00:00:00Z",
      "chain": ["length": .integer(Int64(length)), "hash": .string(hash)],
    ]
    let event = CloudEvent(
      id: "\(service) \(launch) \(length) \(hash)", source: service, type: Announcements.launchStatus.name, data: data)
    return StoredEvent(offset: 1, storedAt: Sample.time("2027-01-01T00:00:00Z"), bytes: event.encoded())
  }

  @Test("Each service is asked once about each head of a launch, even if two heads contradict each other")
  func questions() {
    let chains = AnnouncedChains([
      Self.event("/gonogo/tiering", "b", 2, "y"), Self.event("/gonogo/tiering", "b", 1, "x"),
      Self.event("/gonogo/tiering", "b", 2, "y"), Self.event("/gonogo/tiering", "b", 2, "z"),
      Self.event("/gonogo/tiering", "a", 1, "v"), Self.event("/gonogo/metrics", "a", 7, "w"),
      Self.event("//elsewhere", "a", 9, "w"),
      StoredEvent(offset: 9, storedAt: Sample.time("2027-01-01T00:00:00Z"), bytes: Array("{".utf8)),
    ])
    #expect(
      chains.questions(to: .tiering) == [
        AuditVerifyParameters(launch: "a", announced: [ChainHead(length: 1, hash: "v")]),
        AuditVerifyParameters(
          launch: "b",
          announced: [
            ChainHead(length: 1, hash: "x"), ChainHead(length: 2, hash: "y"), ChainHead(length: 2, hash: "z"),
          ]),
      ])
    #expect(chains.questions(to: .metrics).count == 1)
    #expect(chains.questions(to: .review).isEmpty)
  }

  @Test("More heads than fit in a call are split over several calls")
  func manyEnds() {
    let chains = AnnouncedChains((1...4_001).map { Self.event("/gonogo/tiering", "a", $0, "h\($0)") })
    #expect(chains.questions(to: .tiering).map { $0.announced?.count } == [4_000, 1])
  }

  @Test("All announcements up to a chain's head are counted, over several calls, and cited heads are asked once")
  func counting() {
    let chains = AnnouncedChains((1...4_001).map { Self.event("/gonogo/tiering", "a", $0, "h\($0)") })
    let cited = ChainHead(length: 3, hash: "c")
    let questions = chains.questions(
      to: .tiering, counting: ["a": 4_010, "b": 2], citing: ["a": [cited], "c": [cited]])
    #expect(questions.map(\.launch) == ["a", "a", "b", "c"])
    #expect(
      questions.map(\.counted) == [
        AnnouncedRange(from: 1, to: 4_000), AnnouncedRange(from: 4_001, to: 4_010), AnnouncedRange(from: 1, to: 2), nil,
      ])
    #expect(questions.map(\.cited) == [[cited], nil, nil, [cited]])
  }

  @Test("An announcement counts as missing only if it is not on the bus")
  func missing() {
    let chains = AnnouncedChains([
      Self.event("/gonogo/tiering", "a", 1, "x"), Self.event("/gonogo/tiering", "a", 3, "z"),
    ])
    let head = ChainHead(length: 4, hash: "h")
    func broken(_ missing: [Int]?) -> Int? {
      chains.missing(of: VerifiedChain(launch: "a", head: head, broken: nil, missing: missing), from: .tiering)?.length
    }
    #expect(broken(nil) == nil)
    #expect(broken([3]) == nil)
    #expect(broken([3, 4]) == 4)
  }
}
