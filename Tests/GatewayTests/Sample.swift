import Contract
import LaunchModel
import Testing

/// Sample values for tests.
enum Sample {
  static let launch = id("smart-routing")

  static func id(_ text: String) -> LaunchID {
    guard let id = LaunchID(text) else {
      Issue.record("\(text) is not a launch id")
      return launch
    }
    return id
  }

  static func date(_ text: String) -> LocalDate { LocalDate(text) ?? LocalDate(ordinal: 0) }

  static func time(_ text: String) -> Timestamp { Timestamp(text) ?? Timestamp(microseconds: 0) }

  static func item(
    _ key: String, _ instance: String? = nil, _ state: ItemState = .open, function: LaunchFunction = .engineering,
    due: String = "2027-03-01", flags: [String] = [], owner: String? = nil, approvals: [ApprovalView] = [],
    title: String = "Feature-complete and QA-tested"
  ) -> ItemView {
    ItemView(
      key: key, instance: instance, section: "Product readiness", function: function, title: title, state: state,
      gate: .blocking, due: date(due), overdue: flags.contains("overdue"), flags: flags, owner: owner,
      approvals: approvals, why: "Customers must never be the first to test a change.", version: 1)
  }
}
