import Glibc
import LaunchModel
import SystemPackage

/// The system's executables, and the settings with which they are started.
struct Installation: Sendable, Hashable {
  var settings: GatewaySettings
  /// The folder of the executables; an executable that is missing there is searched for on the PATH.
  var folder: String

  /// The installation that this process is part of.
  init(settings: GatewaySettings) {
    self.settings = settings
    folder = ProcessRecord.ownExecutable.map { FilePath($0).removingLastComponent().string } ?? "."
  }

  /// Returns how each service is started.
  ///
  /// - Throws: `GatewayError` if an executable is missing.
  func plans(searching path: String?) throws(GatewayError) -> [ServiceName: SupervisedProcess.Plan] {
    var plans: [ServiceName: SupervisedProcess.Plan] = [:]
    for service in ServiceName.allCases { plans[service] = try plan(of: service, searching: path) }
    return plans
  }

  /// Returns how a service is started.
  ///
  /// - Throws: `GatewayError` if its executable is missing.
  func plan(of service: ServiceName, searching path: String?) throws(GatewayError) -> SupervisedProcess.Plan {
    let name = "gonogo-\(service.rawValue)"
    let folders = [folder] + (path ?? "").split(separator: ":").map(String.init)
    let candidates = folders.map { folder in "\(folder)/\(name)" }
    guard let executable = candidates.first(where: { path in access(path, X_OK) == 0 }) else {
      throw GatewayError(
        .unavailable, "no executable \(name) in \(folder), where gonogo is, nor on the PATH; install it in one of them")
    }
    return SupervisedProcess.Plan(name: service.rawValue, executable: executable, environment: settings.environment)
  }
}
