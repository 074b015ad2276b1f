import ChecklistCore
import Contract
import LaunchModel
import Testing

/// The durations that are read off the courses of past launches. Weeks begin on Monday, 1 February 2027.
@Suite struct DurationTests {
  private static let launch = PastLaunches.launch(1, []).record.plan.launch

  private static func durations(_ items: ItemCourse..., shipped: String? = "2027-03-02") -> [RecordedDuration] {
    PastLaunches.launch(1, shipped: shipped, items).durations
  }

  private static func recorded(
    _ key: ItemKey, _ days: Int, _ part: ItemWork.Part = .whole, censored: Bool = false
  ) -> RecordedDuration {
    RecordedDuration(ItemWork(key, .engineering, part), launch: launch, days: days, isCensored: censored)
  }

  @Test("An item takes from when the launch had it until it was done, in business days")
  func whole() {
    let qa = PastLaunches.item(
      Fixture.item("qa"), due: "2027-02-23", ("2027-02-01", .open), ("2027-02-03", .inProgress), ("2027-02-09", .done))
    #expect(Self.durations(qa) == [Self.recorded("qa", 6)])
  }

  @Test("Review and unblocking are counted separately, each from its last beginning")
  func parts() {
    let copy = PastLaunches.item(
      Fixture.item("copy"), due: "2027-02-23", ("2027-02-01", .open), ("2027-02-02", .blocked), ("2027-02-03", .open),
      ("2027-02-04", .inReview), ("2027-02-05", .inReview), ("2027-02-08", .done))
    #expect(
      Self.durations(copy) == [
        Self.recorded("copy", 5), Self.recorded("copy", 2, .review), Self.recorded("copy", 4, .unblocking),
      ])
  }

  @Test("Waived and unfinished items are censored, and items that did not apply are left out")
  func censored() {
    let waived = PastLaunches.item(
      Fixture.item("waived"), due: "2027-02-23", ("2027-02-01", .open), ("2027-02-08", .waived))
    let never = PastLaunches.item(Fixture.item("never"), due: "2027-02-23", ("2027-02-01", .open))
    let other = PastLaunches.item(
      Fixture.item("other"), due: "2027-02-23", ("2027-02-01", .open), ("2027-02-08", .notApplicable))
    // Customers had the launch on Tuesday, 2 March: four weeks and a day.
    #expect(
      Self.durations(waived, never, other) == [
        Self.recorded("waived", 5, censored: true), Self.recorded("never", 21, censored: true),
      ])
    // The present day, Thursday, 1 April, is 43 business days after.
    #expect(Self.durations(never, shipped: nil) == [Self.recorded("never", 43, censored: true)])
  }

  @Test("Work that depends on another item starts when that is settled")
  func dependent() {
    let first = PastLaunches.item(
      Fixture.item("first"), due: "2027-02-23", ("2027-02-01", .open), ("2027-02-04", .done))
    let second = PastLaunches.item(
      Fixture.item("second", dependencies: ["first"]), due: "2027-02-23", ("2027-02-01", .open), ("2027-02-08", .done))
    #expect(Self.durations(first, second) == [Self.recorded("first", 3), Self.recorded("second", 2)])
    let unsettled = PastLaunches.item(Fixture.item("first"), due: "2027-02-23", ("2027-02-01", .open))
    #expect(Self.durations(unsettled, second) == [Self.recorded("first", 21, censored: true)])
  }

  @Test("Work from before the launch had the item gives no duration")
  func before() {
    var imported = PastLaunches.item(
      Fixture.item("qa"), due: "2027-02-23", ("2027-02-01", .open), ("2027-02-01", .done))
    #expect(Self.durations(imported) == [Self.recorded("qa", 0)])
    imported.marks[1].doneOn = Fixture.day("2027-01-20")
    #expect(Self.durations(imported).isEmpty)
  }
}
