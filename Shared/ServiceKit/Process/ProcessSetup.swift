import Foundation
public import LaunchModel
public import Logging
public import ZeroMQ

/// What every process of the system does before anything else.
public enum ProcessSetup {
  /// Sends the process's logs to stderr, from that level on.
  public static func startLogging(_ level: Logger.Level) {
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = level
      return handler
    }
  }

  /// Raises the limit of open files as far as allowed; libzmq aborts a process that runs out of them.
  public static func raiseDescriptorLimit(_ logger: Logger) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
      logger.warning("the limit of open files cannot be raised", metadata: ["limit": "\(limit.rlim_cur)"])
    }
  }

  /// Makes the run folder (0750) and the service's data folder (0700) where they are not there.
  public static func makeFolders(_ settings: ServiceSettings, for service: ServiceName) throws {
    try makeFolder(settings.runFolder, 0o750, "GONOGO_RUN")
    // In a container the service's own folder is all that can be written to.
    let own = settings.dataFolder(of: service)
    if !FileManager.default.fileExists(atPath: own) { try makeFolder(settings.dataFolder, 0o700, "GONOGO_DATA") }
    try makeFolder(own, 0o700, "GONOGO_DATA")
  }

  private static func makeFolder(_ path: String, _ permissions: Int, _ setting: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: permissions])
    } catch {
      throw StartFailure(
        .unavailable,
        "the folder \(path) cannot be made (\(error.localizedDescription)); choose another with \(setting)")
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw StartFailure(
        .noPermission, "the folder \(path) cannot be written to by this user; choose another with \(setting)")
    }
  }

  /// The clock that the settings ask for.
  public static func clock(_ settings: ServiceSettings) throws -> any ServiceClock {
    guard let setting = settings.clock else { return SystemClock() }
    do {
      return try ScaledClock(setting: setting)
    } catch {
      throw StartFailure(.badConfiguration, "GONOGO_CLOCK: \(error.detail)")
    }
  }

  /// The thread of the process's sockets, with the identity that its keys give it over TCP.
  ///
  /// - Returns: with keys also who is let in, for a server to add whom it knows.
  public static func reactor(_ settings: ServiceSettings, _ logger: Logger) throws -> (Reactor, ClientAdmission?) {
    guard let keys = settings.keys else { return (try Reactor(logger: logger), nil) }
    let admission = ClientAdmission(folder: keys, logger: logger)
    return (
      try Reactor(logger: logger, identity: CurveIdentity(own: keys.own, admits: { admission.admits($0) })), admission
    )
  }
}

extension Roster {
  /// Whether somebody on the roster, or a grant, has the key.
  public func knows(_ key: CurveKey) -> Bool {
    let principal = Principal.key(key.text)
    return person(of: principal) != nil || grants.contains { $0.principal == principal }
  }
}
