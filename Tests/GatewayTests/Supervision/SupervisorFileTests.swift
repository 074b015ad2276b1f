import Foundation
import Glibc
import TestSupport
import Testing

@testable import Gateway

@Suite("Supervisor file")
struct SupervisorFileTests {
  @Test("The file names the process that holds it, and is exclusive")
  func held() async throws {
    try await withTemporaryFolder { folder in
      let file = SupervisorFile(runFolder: folder)
      #expect(try file.holder() == nil)
      let hold = try file.take(clock: "2027-03-02T14:00:00Z@60#2026-01-01T00:00:00Z")
      let holder = try #require(try file.holder())
      #expect(holder.pid == getpid())
      #expect(holder.clock == "2027-03-02T14:00:00Z@60#2026-01-01T00:00:00Z")
      #expect(
        throws: GatewayError(.conflict, "gonogo is already running here (pid \(getpid())); stop it with gonogo down")
      ) { _ = try file.take(clock: nil) }
      withExtendedLifetime(hold) {}
    }
  }

  @Test("A stale file is ignored, even if another process has its pid now")
  func leftBehind() async throws {
    try await withTemporaryFolder { folder in
      let file = SupervisorFile(runFolder: folder)
      do { _ = try file.take(clock: nil) }
      #expect(try file.holder() == nil)
      _ = try file.take(clock: nil)
    }
  }

  @Test("A lock on a file that names another process does not count as a supervisor")
  func stranger() async throws {
    try await withTemporaryFolder { folder in
      let file = SupervisorFile(runFolder: folder)
      let hold = try file.take(clock: nil)
      try Data(#"{"pid":1,"startTicks":1}"#.utf8).write(to: URL(filePath: file.path))
      let failure = #expect(throws: GatewayError.self) { _ = try file.holder() }
      #expect(failure?.status == .unavailable)
      withExtendedLifetime(hold) {}
    }
  }

  @Test("Whether the file is held is known as long as the file can be opened")
  func isHeld() async throws {
    try await withTemporaryFolder { folder in
      let file = SupervisorFile(runFolder: folder)
      #expect(try !file.isHeld())
      let hold = try file.take(clock: nil)
      #expect(try file.isHeld())
      withExtendedLifetime(hold) {}
      let failure = #expect(throws: GatewayError.self) { try SupervisorFile(runFolder: file.path).isHeld() }
      #expect(failure?.status == .unavailable, "a path below a file")
    }
  }

  @Test("A process is identified by its pid and its start time")
  func processes() throws {
    let own = try #require(ProcessRecord.own)
    #expect(own.pid == getpid())
    #expect(own.startTicks > 0)
    #expect(ProcessRecord(pid: 0) == nil)
    #expect(ProcessRecord(pid: -1) == nil)
    #expect(ProcessRecord(pid: .max) == nil)
  }
}
