import Contract
import JSON
import LaunchModel
import Messaging

extension LogBounds: Displayable {
  func display(on page: inout Page) {
    page.paragraph(
      head == 0 ? "The log is empty." : Text("Every consumer has processed the log up to offset \(head)."))
  }
}

extension ConsumerPositions: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [.left("consumer"), .right("offset"), .right("lag")], whenEmpty: "no consumer is registered")
    table.rows = consumers.map { [Text($0.consumer), Text($0.offset), Text($0.lag, $0.lag > 0 ? .warning : .plain)] }
    page.table(table)
  }
}

extension StoredEvent: Displayable {
  func display(on page: inout Page) {
    let event: CloudEvent
    do {
      event = try self.event()
    } catch {
      page.paragraph(Text("The bytes at offset \(offset) are not an event: \(error)", .bad))
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
