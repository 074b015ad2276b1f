import Contract
import LaunchModel

extension QuarantineList: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .right("id"), .left("consumer"), .right("offset"), .left("code"), .right("tries"), .left("when"),
        .left("status"), .flexible("detail"),
      ], whenEmpty: "the quarantine is empty")
    table.rows = entries.map { entry in
      [
        Text(entry.id), Text(entry.consumer), Text(entry.offset), Text(entry.code, .bad), Text(entry.attempts),
        Text(entry.at.short), Text(entry.status.rawValue), Text(entry.detail),
      ]
    }
    page.table(table)
    if total > entries.count { page.paragraph(Text("\(entries.count) of \(total)", .faint)) }
  }
}

/// The outcome of retrying or discarding quarantine entries.
struct QuarantineOutcome: Displayable, Sendable {
  /// An entry before the change, and the outcome.
  struct Line: Sendable {
    var entry: QuarantineEntry
    var outcome: String
  }

  var lines: [Line]

  func display(on page: inout Page) {
    var table = Table(
      columns: [.right("id"), .left("consumer"), .right("offset"), .left("code"), .flexible("outcome")],
      whenEmpty: "no such entries in quarantine")
    table.rows = lines.map { line in
      [
        Text(line.entry.id), Text(line.entry.consumer), Text(line.entry.offset), Text(line.entry.code),
        Text(line.outcome),
      ]
    }
    page.table(table)
  }
}
