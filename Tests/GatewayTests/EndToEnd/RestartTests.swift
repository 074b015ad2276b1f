import Foundation
import Glibc
import JSON
import TestSupport
import Testing

@Suite("Restarts", .timeLimit(.minutes(5)))
struct RestartTests {
  @Test("A bus that is killed repeatedly is restarted each time, and ps and doctor report it")
  func killed() async throws {
    try await withSampleInstallation { gonogo in
      try await gonogo.succeed("up", "--detach")
      var killed: Set<Int32> = []
      var bus: JSONValue?
      // More often than the supervisor used to put up with; a busy machine may need more for two ends in a row.
      while killed.count < 8 || (bus?["restarts"] == nil && killed.count < 40) {
        let pid = try await Self.nextBus(in: gonogo.folder, after: killed)
        kill(pid, SIGKILL)
        killed.insert(pid)
        guard killed.count > 1 else { continue }
        let status = try await gonogo.run("ps", "--output", "json").json()
        bus = status["services"]?.arrayValue?.first { $0["name"] == "bus" }
        #expect(status["supervisor"] != nil, "the supervisor runs")
      }
      #expect(bus?["restarts"]?["reason"] == "signal 9")
      let doctor = try await gonogo.run("doctor")
      #expect(doctor.output.contains("in a row (signal 9)"), "\(doctor.output)")
    }
  }

  /// Waits for a bus that has not been killed, by the lock beside its socket.
  private static func nextBus(in folder: String, after killed: Set<Int32>) async throws -> Int32 {
    while true {
      try Task.checkCancellation()
      let text = try? String(contentsOfFile: "\(folder)/run/bus.sock.lock", encoding: .utf8)
      if let pid = Int32(text?.filter(\.isNumber) ?? ""), !killed.contains(pid) { return pid }
      await Task.yield()
    }
  }
}
