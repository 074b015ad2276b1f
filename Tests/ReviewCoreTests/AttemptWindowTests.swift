import Contract
import LaunchModel
import ReviewCore
import Testing

@Suite("What belongs to an attempt")
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
    "What customers say belongs to the latest attempt before it, for 30 x 24 hours, the dark time included",
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
    "What was decided belongs to the attempt that it led to",
    arguments: [
      ("2027-02-01T00:00:00Z", 1), ("2027-03-04T00:00:00Z", 1), ("2027-03-06T00:00:00Z", 2),
      ("2027-05-01T00:00:00Z", 2),
    ])
  func decisions(moment: String, attempt: Int) throws {
    let attempts = try attempts()
    let moment = try Fixture.time(moment)
    let telling = attempts.map(\.attempt).filter {
      AttemptWindow(of: $0, in: attempts)?.coversDecision(at: moment) == true
    }
    #expect(telling == [attempt])
  }

  @Test("There is no window of an attempt that was not made")
  func noAttempt() throws {
    #expect(AttemptWindow(of: 3, in: try attempts()) == nil)
  }
}
