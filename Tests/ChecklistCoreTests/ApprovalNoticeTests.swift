import ChecklistCore
import Contract
import LaunchModel
import Testing

/// Noon in New York is 17:00 UTC; 5 February 2027 is a Friday.
@Suite("Notices about approvals") struct ApprovalNoticeTests {
  private static let legal = Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "legal")])

  private static func submitted(
    _ item: TemplateItem = ApprovalNoticeTests.legal, at time: String = "2027-02-05T17:00:00Z"
  ) throws -> LaunchChecklist {
    var checklist = Fixture.checklist(Fixture.record(), item)
    try checklist.act(.submit, by: "max", at: time)
    return checklist
  }

  @Test("A group is asked at once, and reminded with its lead after two business days without a response")
  func late() throws {
    let checklist = try Self.submitted()
    let start = try checklist.moment("2027-02-05T17:00:00Z")
    let asked = checklist.approvalNotices(at: start)
    #expect(asked.map(\.kind) == [.asked])
    #expect(asked.map(\.people) == [["lena", "lex"]])
    #expect(asked.first?.key(of: checklist.launch) == "approvalasked/smart-routing/copy/legal/2027-02-05T17:00:00Z")
    // Half of Friday, Monday, and half of Tuesday.
    #expect(checklist.nextApprovalNotice(after: start) == Fixture.at("2027-02-09T17:00:00Z"))
    #expect(checklist.approvalNotices(at: try checklist.moment("2027-02-09T16:59:59Z")).count == 1)
    let late = checklist.approvalNotices(at: try checklist.moment("2027-02-09T17:00:00Z"))
    #expect(late.map(\.kind) == [.asked, .reminder, .lead])
    #expect(late.map(\.functions) == [[], [], [.productOps]], "nobody leads legal")
    #expect(Set(late.map { $0.key(of: checklist.launch) }).count == 3)
    let silence = "copy (Marketing) of Smart routing has waited 2 business days for a response by legal"
    #expect(late.map { $0.text.hasPrefix(silence) } == [false, true, true])
  }

  @Test("A function is asked as a whole, and its lead is notified if nobody responds") func function() throws {
    let checklist = try Self.submitted(Fixture.item("copy", .marketing, review: true))
    let notices = checklist.approvalNotices(at: try checklist.moment("2027-02-12T17:00:00Z"))
    #expect(notices.map(\.functions) == [[.marketing], [.marketing], []])
    #expect(notices.map(\.people) == [[], [], ["mia"]])
  }

  @Test("A response ends the reminders; another round has its own notices") func rounds() throws {
    var checklist = try Self.submitted()
    try checklist.act(.reject, by: "lena", at: "2027-02-08T17:00:00Z")
    let rejected = try checklist.moment("2027-02-19T17:00:00Z")
    #expect(checklist.approvalNotices(at: rejected) == [])
    #expect(checklist.nextApprovalNotice(after: rejected) == nil)
    try checklist.act(.attach, by: "max", at: "2027-02-22T17:00:00Z")
    let again = try checklist.moment("2027-02-22T17:00:00Z")
    let key = checklist.approvalNotices(at: again).first?.key(of: checklist.launch)
    #expect(key == "approvalasked/smart-routing/copy/legal/2027-02-22T17:00:00Z")
    #expect(checklist.nextApprovalNotice(after: again) == Fixture.at("2027-02-24T17:00:00Z"))
  }

  @Test("Time while the item is blocked does not count towards the reminder") func blocked() throws {
    var checklist = try Self.submitted(at: "2027-02-01T17:00:00Z")
    try checklist.act(.block, by: "max", at: "2027-02-02T17:00:00Z")
    let blocked = try checklist.moment("2027-02-02T17:00:00Z")
    #expect(checklist.approvalNotices(at: blocked) == [])
    try checklist.act(.unblock, by: "max", at: "2027-02-08T17:00:00Z")
    #expect(
      checklist.nextApprovalNotice(after: try checklist.moment("2027-02-08T17:00:00Z"))
        == Fixture.at("2027-02-09T17:00:00Z"))
  }

  @Test("A member's stand-in is asked as well until the delegation ends; authors are not asked")
  func standIns() throws {
    var roster = Fixture.roster
    roster.delegates = [
      Delegation(from: "lena", to: "erin", until: Fixture.day("2027-02-08")),
      Delegation(from: "lex", to: "max", until: Fixture.day("2027-12-31")),
    ]
    let checklist = try Self.submitted()
    let during = checklist.approvalNotices(at: try checklist.moment("2027-02-08T17:00:00Z", roster: roster))
    #expect(during.first?.people == ["erin", "lena", "lex"])
    let after = checklist.approvalNotices(at: try checklist.moment("2027-02-09T06:00:00Z", roster: roster))
    #expect(after.first?.people == ["lena", "lex"])
  }

  @Test("A stopped or closed launch has no notices", arguments: [LaunchStatus.cancelled, .postponed, .closed])
  func stopped(status: LaunchStatus) throws {
    var checklist = try Self.submitted()
    checklist.record.status = status
    let moment = try checklist.moment("2027-02-12T17:00:00Z")
    #expect(checklist.approvalNotices(at: moment) == [])
    #expect(checklist.nextApprovalNotice(after: moment) == nil)
  }
}
