import JSON
import Contract
import LaunchModel
import Subprocess
import SystemPackage

/// Lets each executable move its own store.
struct StoreMover: Sendable {
  let plans: [ServiceName: SupervisedProcess.Plan]
  /// Of the database, with its password: for the environment of the processes alone.
  let url: String

  /// Moves a service's store.
  ///
  /// - Throws: `GatewayError` with what the process says and the status that this ends with.
  func move(_ service: ServiceName) async throws -> MovedStore {
    guard let plan = plans[service] else { throw GatewayError(.unavailable, "there is no gonogo-\(service.rawValue)") }
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

  private static func failure(of service: ServiceName, _ end: TerminationStatus, _ said: String) -> GatewayError {
    let lines = said.split(separator: "\n").map { $0.trimmingPrefix("gonogo-\(service.rawValue): ") }
    let status: ExitStatus =
      switch end {
      case .exited(64), .exited(65), .exited(78): .badInput
      case .exited(76): .conflict
      case .exited(77): .forbidden
      case .exited, .signaled: .unavailable
      }
    let reason = lines.isEmpty ? "gonogo-\(service.rawValue) has failed (\(end))" : lines.joined(separator: " ")
    return GatewayError(status, "\(service.rawValue): \(reason)")
  }
}
