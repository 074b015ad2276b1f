import Contract
import Foundation
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import BusCore

@Suite("Random damage of the log's file")
struct DamagePropertyTests {
  /// How a closed file is damaged.
  private enum Damage: CaseIterable {
    case flipBits, overwriteBytes, exchangePages, repeatPage, clearPage, loseTheEnd
  }

  private static let pageSize = 8_192

  @Test("Reading returns original events or reports damage, and no repeat is stored twice", arguments: 0..<60)
  func damage(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    try await withTemporaryFolder { folder in
      let path = "\(folder)/log.sqlite"
      let events = try Self.events(&random)
      try await Self.write(events, to: path)
      let original = try Data(contentsOf: URL(filePath: path))
      var bytes = [UInt8](original)
      Self.damage(&bytes, &random)
      try Data(bytes).write(to: URL(filePath: path))
      do {
        let store = try await LogStore.open(.sqlite(path: path))
        try Self.check(store, events, isChanged: bytes != [UInt8](original))
        try store.close()
      } catch is LogError {
        // Named when the file is opened, or when it is closed.
      } catch let error as StorageError {
        #expect(error.code == .schema, "only the names of the migrations are read before the log is opened")
      }
    }
  }

  private static func events(_ random: inout SeededGenerator) throws -> [ScannedEvent] {
    try (0..<400).map { index in
      let size = Int.random(in: 0..<700, using: &random)
      // Ids in random order, as those of publishers are.
      let id = "\(UInt32.random(in: 0...UInt32.max, using: &random))-\(index)"
      return try LogFixture.event(
        id, source: "//test/\(index % 7)", type: "com.example.\(index % 5)",
        data: "\"\(String(repeating: "x", count: size))\"")
    }
  }

  private static func write(_ events: [ScannedEvent], to path: String) async throws {
    let store = try await LogStore.open(.sqlite(path: path))
    for start in stride(from: 0, to: events.count, by: 50) {
      _ = try store.log.append(
        Array(events[start..<min(start + 50, events.count)]), at: Timestamp(microseconds: Int64(start)))
    }
    try store.close()
  }

  private static func damage(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    let pages = bytes.count / pageSize
    func page() -> Range<Int> {
      let start = Int.random(in: 1..<pages, using: &random) * pageSize
      return start..<(start + pageSize)
    }
    switch Damage.allCases.randomElement(using: &random) {
    case .flipBits:
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 100..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
    case .overwriteBytes:
      let start = Int.random(in: 100..<(bytes.count - 64), using: &random)
      for index in start..<(start + Int.random(in: 1...64, using: &random)) {
        bytes[index] = UInt8.random(in: 0...255, using: &random)
      }
    case .exchangePages:
      let (one, other) = (page(), page())
      let kept = Array(bytes[one])
      bytes.replaceSubrange(one, with: Array(bytes[other]))
      bytes.replaceSubrange(other, with: kept)
    case .repeatPage: bytes.replaceSubrange(page(), with: Array(bytes[page()]))
    case .clearPage: bytes.replaceSubrange(page(), with: [UInt8](repeating: 0, count: pageSize))
    case .loseTheEnd, nil: bytes.removeLast(Int.random(in: 1..<(bytes.count / 2), using: &random))
    }
  }

  private static func check(_ store: LogStore, _ events: [ScannedEvent], isChanged: Bool) throws {
    let log = store.log
    #expect(log.bounds.head == Int64(events.count), "the head neither moves back nor forward")
    var found: Set<Int64> = []
    var damaged: Set<Int64> = []
    var after: Int64 = 0
    while after < log.bounds.head {
      do throws(LogError) {
        let page = try log.read(after: after, matching: .all, limits: ReadLimits(events: 1, examined: 1))
        #expect(page.searched == after + 1)
        for event in page.events {
          #expect(event.bytes == events[Int(event.offset) - 1].bytes)
          #expect(
            event.type.withBytes(in: event.bytes, unescaped: event.unescaped) { Array($0) } == Self.type(event.offset))
          found.insert(event.offset)
        }
      } catch {
        guard error == .corrupt(offset: after + 1) else {
          Issue.record("offset \(after + 1): \(error)")
          return
        }
        damaged.insert(after + 1)
      }
      after += 1
    }
    #expect(found.count + damaged.count == events.count)
    let known = log.damage.filter { $0.kind == .missing || $0.kind == .changed }
    #expect(
      damaged.allSatisfy { offset in known.contains { $0.offsets.contains(offset) } }, "all is named at the start")
    do throws(LogError) {
      let outcomes = try log.append(events, at: Timestamp(microseconds: 1_000))
      for (index, outcome) in outcomes.enumerated() {
        #expect([.duplicate(Int64(index) + 1), .damaged(Int64(index) + 1)].contains(outcome))
      }
    } catch {
      guard case .damaged = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  private static func type(_ offset: Int64) -> [UInt8] { Array("com.example.\((offset - 1) % 5)".utf8) }
}
