import Contract
import LaunchModel

extension ItemList: Displayable {
  func display(on page: inout Page) {
    let isFlagged = items.contains { !$0.shownFlags.isEmpty }
    var table = Table(
      columns: [.left("item"), .left("state"), .left("due")] + (isFlagged ? [.left("flags")] : [])
        + [.left("owner"), .flexible("title")], whenEmpty: "no items")
    var function: LaunchFunction?
    for item in items {
      if item.function != function { table.rows.append([Text(item.function.title)]) }
      function = item.function
      table.rows.append(
        [Text(item.reference.name), item.stateText, item.dueText] + (isFlagged ? [item.flagsText] : [])
          + [Text(item.owner), item.titleText])
    }
    page.halt(halt)
    page.table(table)
    page.paragraph(Text(counts, .faint))
  }

  private var counts: String {
    let done = items.count { $0.state == .done }
    let waived = items.count { $0.state == .waived }
    let overdue = items.count(where: \.overdue)
    let void = items.count { $0.state == .voided }
    let requested = items.count { $0.waiverRequest != nil }
    return "\(counted(items.count - void, "item")), \(done) done" + (waived > 0 ? ", \(waived) waived" : "")
      + (requested > 0 ? ", \(requested) to waive" : "")
      + (overdue > 0 ? ", \(overdue) overdue" : "") + (void > 0 ? " (\(void) void)" : "")
  }
}

extension ItemDetail: Displayable {
  func display(on page: inout Page) {
    page.heading("\(item.reference.name) of \(launch): \(item.title)")
    page.fields([
      "State": item.stateText,
      "Flags": item.shownFlags.isEmpty ? nil : item.flagsText,
      "Reason": item.reason.map { Text($0) },
      "Waived until": item.waivedUntil.map { Text($0.description, .warning) },
      "Waiver": item.waiverRequest.map { Text($0.text, .warning) },
      "Missing": item.missing.flatMap { $0.isEmpty ? nil : Text($0.joined(separator: "; "), .warning) },
      "Due": item.dueText,
      "Function": Text("\(item.function.title), \(item.section)"),
      "Owner": Text(item.owner),
      "Executed by": item.person.map { Text($0) },
      "Presented by": item.presenter.map { Text($0) },
      "Gate": Text(item.gate.rawValue),
      "Guidance": item.guidance.map { Text($0) },
      "Why": Text(item.why, .faint),
    ])
    page.section("Approvals", item.approvals.flatMap(\.lines))
    page.section(
      "Evidence",
      item.evidence.map { piece in
        let source = piece.by.map { ", by \($0)" } ?? ""
        return Text(
          "\(piece.kind.rawValue) \(piece.value)\(source)\(piece.isContrary ? ", against the item" : "")",
          piece.isContrary ? .bad : .plain)
      })
    guard !history.isEmpty else { return }
    page.heading(short == true ? "History, the newest entries" : "History")
    page.history(history)
  }
}

extension ItemDetail {
  /// One item's result in a call for several items; nil if it failed or has only the short form.
  init?(_ result: ItemResult, of launch: LaunchID) {
    guard let item = result.item, let history = result.history else { return nil }
    self.init(launch: launch, item: item, history: history, short: result.short)
  }
}

/// An item's state after a change, on one line.
struct ItemStateLine: Sendable, Hashable {
  var name: String
  var state: ItemState
  /// The item; nil if the service answered in short form.
  var item: ItemView?
}

extension ItemStateLine {
  /// One item's result in a call for several items; nil if it failed.
  init?(_ result: ItemResult) {
    guard let state = result.state else { return nil }
    self.init(name: result.reference.name, state: state, item: result.item)
  }
}

extension ItemStateLine: Displayable {
  func display(on page: inout Page) {
    let approvals = state == .inReview ? item?.approvals ?? [] : []
    let missing = approvals.filter { $0.approvedBy.count < $0.quorum }.map(\.group)
    let waitsFor = missing.isEmpty ? "" : ", waits for \(missing.joined(separator: " and "))"
    let reason = item?.reason.map { ": \($0)" } ?? ""
    let request = item?.waiverRequest.map { " (waiver \($0.text))" } ?? ""
    page.fields([name: Text(state.rawValue + waitsFor + reason + request, state.label.tone)])
  }
}

extension ItemView {
  /// The state; while approvals are requested, with the number given so far.
  fileprivate var stateText: Text {
    guard !approvals.isEmpty, state != .done, state != .waived else { return state.label }
    let given = approvals.reduce(0) { $0 + min($1.approvedBy.count, $1.quorum) }
    let needed = approvals.reduce(0) { $0 + $1.quorum }
    let isRejected = approvals.contains { !$0.rejectedBy.isEmpty }
    return Text("\(state.rawValue) \(given)/\(needed)", isRejected ? .bad : state.label.tone)
  }

  /// The flags that add to the state.
  fileprivate var shownFlags: [String] { state == .done ? flags.filter { $0 == "stale" } : flags }

  fileprivate var flagsText: Text {
    let isLate = overdue || flags.contains("too-late")
    return Text(shownFlags.joined(separator: ", "), isLate ? .bad : .warning)
  }

  fileprivate var dueText: Text { Text(due.description, overdue ? .bad : .plain) }

  fileprivate var titleText: Text { gate == .advisory ? Text("\(title) (advisory)", .faint) : Text(title) }
}

extension ItemState {
  var label: Text {
    switch self {
    case .open: Text(rawValue)
    case .inProgress, .inReview: Text(rawValue, .warning)
    case .blocked: Text(rawValue, .bad)
    case .done: Text(rawValue, .good)
    case .waived: Text(rawValue, .warning)
    case .notApplicable, .voided: Text(rawValue, .faint)
    }
  }
}

extension ApprovalView {
  /// Who has approved, and how long the group has taken.
  fileprivate var lines: [Text] { clock.map { [text, Text($0.text, .faint)] } ?? [text] }

  private var text: Text {
    if !rejectedBy.isEmpty { return Text("\(group): rejected by \(rejectedBy.joined(separator: ", "))", .bad) }
    let names = approvedBy.isEmpty ? "nobody yet" : approvedBy.joined(separator: ", ")
    return Text("\(group): \(names) (\(approvedBy.count) of \(quorum))", approvedBy.count >= quorum ? .good : .plain)
  }
}

extension WaiverRequestView {
  fileprivate var text: String { "asked for by \(by): \(reason)" + (until.map { ", until \($0)" } ?? "") }
}

extension ApprovalClock {
  /// When the approval was requested, how long the group took to respond and to approve, and who has to act.
  fileprivate var text: String {
    let response = "\(Self.text(minutes: responseMinutes)) to respond"
    let steps = [
      "asked for \(requestedAt.short)", firstResponseAt == nil ? "\(response) so far" : response,
      resolvedAt.map { _ in "approved after \(Self.text(minutes: waitedMinutes))" },
      waitsFor == .author ? "waits for its author" : nil,
    ]
    return "  " + steps.compactMap(\.self).joined(separator: ", ")
  }

  /// Formats business time, for example as `1.5 business days` or `3 business hours`.
  private static func text(minutes: Int) -> String {
    guard minutes >= 24 * 60 else { return counted(minutes / 60, "business hour") }
    let halves = minutes / (12 * 60)
    return halves % 2 == 1 ? "\(halves / 2).5 business days" : counted(halves / 2, "business day")
  }
}
