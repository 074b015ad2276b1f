import Contract
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import BusCore

@Suite("Pruning the log")
struct PruningTests {
  @Test(
    "Pruning removes the oldest events and keeps offsets dense; a pruned event may be stored again",
    arguments: StorageEngine.allAvailable)
  func prunes(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      try fixture.append("a", "b", "c", "d")
      #expect(try fixture.log.prune(through: 2, atMost: 100) == LogBounds(head: 4, first: 3))
      #expect(try fixture.ids() == ["c", "d"])
      #expect(try fixture.append("a", "c") == [.stored(5), .duplicate(3)])
    }
  }

  @Test(
    "Offsets continue after everything was pruned, even after a restart",
    arguments: StorageEngine.allAvailable)
  func prunesEverything(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      try fixture.append("a", "b")
      #expect(try fixture.log.prune(through: 99, atMost: 100) == LogBounds(head: 2, first: 3))
      try await fixture.reopen()
      #expect(fixture.log.bounds == LogBounds(head: 2, first: 3))
      #expect(try fixture.append("a") == [.stored(3)])
    }
  }

  @Test("Pruning proceeds in bounded steps", arguments: StorageEngine.allAvailable)
  func prunesInSteps(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      try fixture.append("a", "b", "c", "d")
      #expect(try fixture.log.prune(through: 4, atMost: 3) == LogBounds(head: 4, first: 4))
      #expect(try fixture.log.prune(through: 4, atMost: 3) == LogBounds(head: 4, first: 5))
      #expect(try fixture.log.prune(through: 4, atMost: 3) == LogBounds(head: 4, first: 5))
    }
  }

  @Test("Reading from before the first offset still reports how far it searched", arguments: StorageEngine.allAvailable)
  func readsFromBefore(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      try fixture.append("a", "b", "c")
      _ = try fixture.log.prune(through: 3, atMost: 9)
      let page = try fixture.log.read(after: 0, matching: .all, limits: ReadLimits())
      #expect(page.events.isEmpty)
      #expect(page.searched == 3)
    }
  }
}
