import Contract
import LaunchModel

/// What was moved to another engine, and compared there.
struct MoveReport: Codable, Sendable, Hashable {
  /// In the order in which they were moved.
  var services: [MovedStore] = []

  /// The services first, and at last the bus, from which a store that is behind catches up.
  static let order = ServiceName.allCases.filter { $0 != .bus } + [.bus]

  /// How to go on.
  static let nextSteps = """
    Everything is there. To switch: set GONOGO_DATABASE_URL, or database: {url: …} in gonogo.yaml, to that database, start the \
    system, and run gonogo doctor and gonogo audit verify. The SQLite files are as they were: without the setting they are used \
    as before, and until the switch they are the way back.
    """

  /// Why the move ended, and what became of the rest.
  func explaining(_ failure: GatewayError) -> GatewayError {
    guard !services.isEmpty else { return failure }
    var failure = failure
    let names = services.map(\.service.rawValue).joined(separator: ", ")
    failure.messages.append(
      "\(names) \(services.count == 1 ? "is" : "are") there; when that is mended run the same again, which compares what is "
        + "there and copies the rest")
    return failure
  }
}

/// One service's store, table by table.
struct MovedStore: Codable, Sendable, Hashable {
  var service: ServiceName
  var tables: [MovedTable]
}

extension MoveReport: Displayable {
  func display(on page: inout Page) {
    var table = Table(columns: [
      .left("service"), .left("table"), .right("rows"), .left("digest"), .left("what was done"),
    ])
    for store in services {
      table.rows += store.tables.map { moved in
        [
          Text(store.service.rawValue), Text(moved.table), Text(moved.rows), Text(moved.digest.shortDigest, .faint),
          moved.wasThere ? Text("already copied, the same", .faint) : Text("copied, the same", .good),
        ]
      }
    }
    page.table(table)
  }
}
