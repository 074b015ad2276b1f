import Contract
import JSON
import LaunchModel
import Subprocess
import SystemPackage

/// Runs each executable to copy its own store to another engine.
struct StoreMover: Sendable {
  let plans: [ServiceName: SupervisedProcess.Plan]
  /// The database's URL including the password; it is passed only through the environment.
  let url: String

  /// Copies a service's store.
  ///
  /// - Throws: `GatewayError` with what the process printed, and the exit status for it.
  func move(_ service: ServiceName) async throws -> MovedStore {
    guard let plan = plans[service] else {
      throw GatewayError(.unavailable, "no executable gonogo-\(service.rawValue)")
    }
    let result = try await Subprocess.run(
      .path(FilePath(plan.executable)), arguments: ["migrate"],
      environment: .inherit.adding(plan.environment).adding([MoveSetting.target: url]), input: .none,
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
    guard case .exited(0) = result.terminationStatus else {
      throw Self.failure(of: service, result.terminationStatus, result.standardError)
    }
    let lines = result.standardOutput.split(separator: "\n")
    return MovedStore(
      service: service, tables: try lines.map { try JSONCoding.decode(MovedTable.self, from: Array($0.utf8)) })
  }

  private static func failure(of service: ServiceName, _ end: TerminationStatus, _ errors: String) -> GatewayError {
    let lines = errors.split(separator: "\n").map { $0.trimmingPrefix("gonogo-\(service.rawValue): ") }
    let status: ExitStatus =
      switch end {
      case .exited(64), .exited(65), .exited(78): .badInput
      case .exited(76): .conflict
      case .exited(77): .forbidden
      case .exited, .signaled: .unavailable
      }
    let reason = lines.isEmpty ? "gonogo-\(service.rawValue) failed (\(end))" : lines.joined(separator: " ")
    return GatewayError(status, "\(service.rawValue): \(reason)")
  }
}

/// The stores that were copied to another engine and compared there.
struct MoveReport: Codable, Sendable, Hashable {
  /// The copied stores, in the order in which they were copied.
  var services: [MovedStore] = []

  /// The bus is moved last, because a store that is behind catches up from it.
  static let order = ServiceName.allCases.filter { $0 != .bus } + [.bus]

  static let nextSteps = """
    Everything is copied. To switch, set GONOGO_DATABASE_URL, or database: {url: …} in gonogo.yaml, to that database, \
    start the system, and run gonogo doctor and gonogo audit verify. The SQLite files are unchanged: until you switch, \
    and after you remove the setting, they are used as before.
    """

  /// Returns the failure with what has been copied already, and how to continue.
  func explaining(_ failure: GatewayError) -> GatewayError {
    guard !services.isEmpty else { return failure }
    var failure = failure
    let names = services.map(\.service.rawValue).joined(separator: ", ")
    failure.messages.append(
      "already copied: \(names); once the problem is fixed, run the same command again, which compares these and "
        + "copies the rest"
    )
    return failure
  }
}

/// One service's store, table by table.
struct MovedStore: Codable, Sendable, Hashable {
  /// The service, for example `tiering`.
  var service: ServiceName
  /// The copied tables.
  var tables: [MovedTable]
}

extension MoveReport: Displayable {
  func display(on page: inout Page) {
    var table = Table(columns: [
      .left("service"), .left("table"), .right("rows"), .left("digest"), .left("result"),
    ])
    for store in services {
      table.rows += store.tables.map { moved in
        [
          Text(store.service.rawValue), Text(moved.table), Text(moved.rows), Text(moved.digest.shortDigest, .faint),
          moved.wasThere ? Text("already copied, identical", .faint) : Text("copied, identical", .good),
        ]
      }
    }
    page.table(table)
  }
}
