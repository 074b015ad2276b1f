import Contract
import LaunchModel

/// Which services answer.
struct SystemStatus: Codable, Sendable, Hashable {
  var services: [ServiceStatus]
  /// What their clock reads.
  var now: Timestamp?
  /// `START@RATE#ANCHOR`, where it is not the system's.
  var clock: String?
  /// The pid of `gonogo up`; nil where they were started otherwise.
  var supervisor: Int?
}

/// One service, as far as it answers.
struct ServiceStatus: Codable, Sendable, Hashable {
  enum Status: String, Codable, Sendable, Hashable, CaseIterable {
    case up, down
    /// Its socket is there, and nothing answers.
    case silent
  }

  var name: ServiceName
  var status: Status
  /// Which of several it is; nil where there is one.
  var endpoint: String?
  /// Whether it applies events and sweeps, which one of several does; nil for the bus.
  var working: Bool?
  var pid: Int?
  var version: String?
  /// Events on the bus that it has not processed; nil for the bus itself.
  var lag: Int64?
  var now: Timestamp?
  var clock: String?
  /// Announcements that the bus does not have yet.
  var unsent: Int?
  /// Announcements that the bus refused; they are kept, and tried again when the service starts.
  var refused: Int?
  /// Why it does not answer.
  var detail: String?
}

extension SystemStatus: Displayable {
  func display(on page: inout Page) {
    var table = Table(columns: [
      .left("service"), .left("status"), .right("pid"), .left("version"), .right("lag"), .right("unsent"),
      .flexible("detail"),
    ])
    table.rows = services.map { service in
      [
        Text(service.name.rawValue), service.status.label, Text(service.pid), Text(service.version), Text(service.lag),
        service.outbox, service.place,
      ]
    }
    page.table(table)
    if let clock, let now {
      page.paragraph(Text("The clock is not the system's: it reads \(now.short) (\(clock)).", .warning))
    }
  }
}

extension ServiceStatus {
  /// Why it does not answer; of several, which one it is and what it does.
  fileprivate var place: Text {
    guard let endpoint else { return Text(detail ?? "", .faint) }
    let role: String? = working.map { $0 ? "applies events" : "stands by" }
    return Text([endpoint, detail ?? role].compactMap(\.self).joined(separator: ": "), .faint)
  }

  /// As `0`, or `0 (2 refused)`.
  fileprivate var outbox: Text {
    guard let refused, refused > 0 else { return Text(unsent) }
    return Text("\(unsent ?? 0) (\(refused) refused)", .bad)
  }
}

extension ServiceStatus.Status {
  fileprivate var label: Text {
    switch self {
    case .up: Text(rawValue, .good)
    case .down, .silent: Text(rawValue, .bad)
    }
  }
}

extension ServicePing: Displayable {
  func display(on page: inout Page) {
    page.fields([
      "Service": Text(service.rawValue), "Pid": Text(pid), "Version": Text(version), "Now": Text(now),
      "Clock": clock.map { Text($0, .warning) },
    ])
  }
}
