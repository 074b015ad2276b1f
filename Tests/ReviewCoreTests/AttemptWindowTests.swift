import Contract
import LaunchModel
import ReviewCore
import Testing

@Suite("Attempt windows")
struct AttemptWindowTests {
  private func attempts() throws -> [ExposureAttempt] {
    [
      ExposureAttempt(
        attempt: 1, startedAt: try Fixture.time("2027-03-02T14:00:00Z"),
        rolledBackAt: try Fixture.time("2027-03-05T10:00:00Z")),
      ExposureAttempt(attempt: 2, startedAt: try Fixture.time("2027-03-20T14:00:00Z")),
    ]
  }

  @Test(
    "Signals belong to the latest attempt before them for 30 x 24 hours, including time after a rollback",
    arguments: [
      ("2027-03-02T13:59:59Z", nil), ("2027-03-02T14:00:00Z", 1), ("2027-03-10T00:00:00Z", 1),
      ("2027-03-20T13:59:59Z", 1), ("2027-03-20T14:00:00Z", 2), ("2027-04-19T13:59:59Z", 2),
      ("2027-04-19T14:00:00Z", nil),
    ] as [(String, Int?)])
  func customers(moment: String, attempt: Int?) throws {
    let attempts = try attempts()
    let moment = try Fixture.time(moment)
    let containing = attempts.map(\.attempt).filter { AttemptWindow(of: $0, in: attempts)?.contains(moment) == true }
    #expect(containing == (attempt.map { [$0] } ?? []))
  }

  @Test(
    "A decision belongs to the attempt that it led to",
    arguments: [
      ("2027-02-01T00:00:00Z", 1), ("2027-03-04T00:00:00Z", 1), ("2027-03-06T00:00:00Z", 2),
      ("2027-05-01T00:00:00Z", 2),
    ])
  func decisions(moment: String, attempt: Int) throws {
    let attempts = try attempts()
    let moment = try Fixture.time(moment)
    let covering = attempts.map(\.attempt).filter {
      AttemptWindow(of: $0, in: attempts)?.coversDecision(at: moment) == true
    }
    #expect(covering == [attempt])
  }

  @Test("An attempt that was never made has no window")
  func noAttempt() throws {
    #expect(AttemptWindow(of: 3, in: try attempts()) == nil)
  }
}
