import JSON
import Contract
import LaunchModel
import Messaging

extension LogBounds: Displayable {
  func display(on page: inout Page) {
    page.paragraph(
      head == 0 ? "The log is empty." : Text("Every consumer has processed the log up to offset \(head)."))
  }
}

extension QuarantineList: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .right("id"), .left("consumer"), .right("offset"), .left("code"), .right("tries"), .left("when"),
        .left("status"), .flexible("detail"),
      ], whenEmpty: "nothing is in quarantine")
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

/// What was done with entries of the quarantine.
struct QuarantineOutcome: Displayable, Sendable {
  /// One entry, as it was, and what became of it.
  struct Line: Sendable {
    var entry: QuarantineEntry
    var outcome: String
  }

  var lines: [Line]

  func display(on page: inout Page) {
    var table = Table(
      columns: [.right("id"), .left("consumer"), .right("offset"), .left("code"), .flexible("outcome")],
      whenEmpty: "nothing of that is in quarantine")
    table.rows = lines.map { line in
      [
        Text(line.entry.id), Text(line.entry.consumer), Text(line.entry.offset), Text(line.entry.code),
        Text(line.outcome),
      ]
    }
    page.table(table)
  }
}

extension StoredEvent: Displayable {
  func display(on page: inout Page) {
    // What cannot be read as an event is shown as that.
    guard let event = try? event() else {
      page.paragraph(Text("The bytes at offset \(offset) are no event.", .bad))
      return
    }
    page.fields([
      "Offset": Text(offset), "Stored": Text(storedAt), "Type": Text(event.type, .strong), "Source": Text(event.source),
      "Id": Text(event.id), "Subject": event.subject.map { Text($0) }, "Time": event.time.map { Text($0) },
    ])
    guard let data = event.data else { return }
    page.heading("Data")
    for line in data.pretty().split(separator: "\n") { page.paragraph(Text(String(line))) }
  }
}
