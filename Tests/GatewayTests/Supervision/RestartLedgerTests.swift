import Foundation
import LaunchModel
import TestSupport
import Testing

@testable import Gateway

@Suite("Restart ledger")
struct RestartLedgerTests {
  @Test("ps and doctor read what the supervisor records, until the service runs")
  func roundTrip() async throws {
    try await withTemporaryFolder { folder in
      let ledger = RestartLedger(runFolder: folder)
      #expect(RestartLedger.current(runFolder: folder) == [])
      #expect(ledger.record(.bus, ends: 7, reason: "signal 6", delay: .seconds(30)) == nil)
      #expect(ledger.record(.checklist, ends: 2, reason: "exit status 74", delay: .milliseconds(200)) == nil)
      let noted = RestartLedger.current(runFolder: folder)
      #expect(noted.map(\.service) == [.bus, .checklist])
      #expect(noted.map(\.ends) == [7, 2])
      #expect(ledger.clear(.bus) == nil)
      #expect(RestartLedger.current(runFolder: folder).map(\.service) == [.checklist])
      #expect(ledger.reset() == nil)
      #expect(RestartLedger.current(runFolder: folder) == [])
      // A damaged file explains nothing, and stops nothing.
      try "[{".write(toFile: folder + "/gonogo.restarts", atomically: true, encoding: .utf8)
      #expect(RestartLedger.current(runFolder: folder) == [])
    }
  }

  @Test("The summary says how often it ended, why, and when the next start is")
  func summary() throws {
    let now = Timestamp(microseconds: 1_000_000_000)
    var restarts = Restarts(
      service: .bus, ends: 7, reason: "signal 9", nextStart: Timestamp(microseconds: 1_011_500_000))
    #expect(restarts.summary(at: now) == "ended 7 times in a row (signal 9); next start in 12 s")
    #expect(restarts.endsSummary == "ended 7 times in a row (signal 9)")
    restarts.nextStart = now
    #expect(restarts.summary(at: now) == "ended 7 times in a row (signal 9); started again")
  }

  @Test("doctor and ps show a service that keeps ending")
  func shown() throws {
    var status = ServiceStatus(name: .bus, status: .down, detail: "bus is not up")
    status.restarts = Restarts(
      service: .bus, ends: 7, reason: "signal 9", nextStart: Timestamp(microseconds: 0))
    var system = SystemStatus(services: [status])
    system.supervisor = 1
    let check = Diagnosis.servicesCheck(system)
    #expect(check.verdict == .fail)
    system.services[0].status = .up
    #expect(Diagnosis.servicesCheck(system).verdict == .warn)
    #expect(check.detail == "bus is down (ended 7 times in a row (signal 9); started again)")
  }
}
