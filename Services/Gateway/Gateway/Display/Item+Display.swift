import LaunchModel

extension ItemList: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .left("item"), .left("function"), .left("state"), .left("due"), .left("owner"), .left("approvals"),
        .flexible("title"),
      ], whenEmpty: "no items")
    table.rows = items.map { item in
      [
        Text(ItemSelector(item).description), Text(item.function.title), item.stateWithFlags, item.dueText,
        Text(item.owner), item.approvalsText, item.titleText,
      ]
    }
    page.table(table)
    page.paragraph(Text(counts, .faint))
  }

  private var counts: String {
    let done = items.count { $0.state == .done }
    let waived = items.count { $0.state == .waived }
    let overdue = items.count(where: \.overdue)
    return "\(items.count) items, \(done) done" + (waived > 0 ? ", \(waived) waived" : "")
      + (overdue > 0 ? ", \(overdue) overdue" : "")
  }
}

extension ItemDetail: Displayable {
  func display(on page: inout Page) {
    page.heading("\(ItemSelector(item)) of \(launch): \(item.title)")
    page.fields([
      "State": item.stateWithFlags,
      "Reason": item.reason.map { Text($0) },
      "Due": item.dueText,
      "Function": Text("\(item.function.title), \(item.section)"),
      "Owner": Text(item.owner),
      "Gate": Text(item.gate.rawValue),
      "Why": Text(item.why, .faint),
    ])
    page.section("Approvals", item.approvals.map(\.text))
    page.section(
      "Evidence", item.evidence.map { Text("\($0.kind.rawValue) \($0.value)" + ($0.by.map { ", by \($0)" } ?? "")) })
    guard !history.isEmpty else { return }
    page.heading("History")
    page.history(history)
  }
}

extension ItemView {
  /// The state, with what dates add to it.
  fileprivate var stateWithFlags: Text {
    guard !flags.isEmpty, state != .done || flags.contains("stale") else { return state.label }
    let tone: Text.Tone = overdue || flags.contains("too-late") ? .bad : .warning
    return Text("\(state.rawValue), \(flags.joined(separator: ", "))", tone)
  }

  fileprivate var dueText: Text { Text(due.description, overdue ? .bad : .plain) }

  fileprivate var titleText: Text { gate == .advisory ? Text("\(title) (advisory)", .faint) : Text(title) }

  fileprivate var approvalsText: Text {
    guard !approvals.isEmpty else { return "" }
    let rejected = approvals.contains { !$0.rejectedBy.isEmpty }
    let complete = approvals.allSatisfy { $0.approvedBy.count >= $0.quorum }
    let text = approvals.map { "\($0.group) \($0.approvedBy.count)/\($0.quorum)" }.joined(separator: " ")
    return Text(text, rejected ? .bad : complete ? .good : .plain)
  }
}

extension ApprovalView {
  fileprivate var text: Text {
    if !rejectedBy.isEmpty { return Text("\(group): rejected by \(rejectedBy.joined(separator: ", "))", .bad) }
    let names = approvedBy.isEmpty ? "nobody yet" : approvedBy.joined(separator: ", ")
    return Text("\(group): \(names) (\(approvedBy.count) of \(quorum))", approvedBy.count >= quorum ? .good : .plain)
  }
}
