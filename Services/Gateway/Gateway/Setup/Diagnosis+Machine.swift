import Glibc
import LaunchModel
import Subprocess
import ZeroMQ

extension Diagnosis {
  /// The principal by which the services know this user.
  static var ownPrincipal: Principal { .uid(geteuid()) }

  var settingsCheck: HealthCheck {
    .ok("settings", settings.file.map { "from \($0)" } ?? "defaults; no gonogo.yaml here")
  }

  var runFolderCheck: HealthCheck { folderCheck("run folder", settings.runFolder, setting: "GONOGO_RUN") }

  var dataFolderCheck: HealthCheck { folderCheck("data folder", settings.dataFolder, setting: "GONOGO_DATA") }

  /// The free bytes below which the disk counts as full: the bus's log alone writes this much between two checkpoints.
  private static let leastRoom: UInt64 = 64 << 20

  /// Checks whether the stores have enough space. If there is no supervisor and all services are down, nothing will
  /// start them again, and the message says so.
  static func roomCheck(_ room: DiskRoom, _ status: SystemStatus) -> HealthCheck {
    let free = room.free >> 20
    guard room.free < leastRoom else { return .ok("disk", "\(free) MiB free for the stores") }
    let resumes = status.supervisor != nil || status.services.contains { $0.status != .down }
    return .fail(
      "disk", "only \(free) MiB free in \(room.folder); changes and events are refused when it is full",
      fix: resumes
        ? "free some space; gonogo resumes by itself" : "free some space, then start gonogo with gonogo up")
  }

  private func folderCheck(_ name: String, _ path: String, setting: String) -> HealthCheck {
    var status = stat()
    guard stat(path, &status) == 0 else {
      return .ok(name, "\(path), not created yet")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      return .fail(name, "\(path) is not a folder", fix: "choose another one with \(setting)")
    }
    guard access(path, R_OK | W_OK | X_OK) == 0 else {
      return .fail(
        name, "this user cannot read and write \(path)",
        fix: "chown it to the user that runs gonogo, or choose another one with \(setting)")
    }
    if status.st_mode & 0o002 != 0 {
      return .warn(
        name, "everyone on this machine can write to \(path)",
        fix: "\(ShellText.line(["chmod", "o-rwx", path])), so that no other user can put a socket there")
    }
    return .ok(name, path)
  }

  /// Warns if the services run as this user; returns nil if they run as another user, or if their sockets do not exist.
  func userCheck() -> HealthCheck? {
    // The check of the sockets reports an endpoint that cannot be used.
    guard let path = try? settings.endpoints(of: .bus).first?.path else { return nil }
    var status = stat()
    guard stat(path, &status) == 0, status.st_uid == geteuid() else { return nil }
    return .warn(
      "user", "the services run as you (\(Self.ownPrincipal)): anyone with this uid can publish as a service",
      fix: "beyond a trial, run the services as a dedicated user, and call them as another user in its group")
  }

  var socketPathCheck: HealthCheck {
    do throws(ZeroMQError) {
      var endpoints: [Endpoint] = []
      for service in ServiceName.allCases { endpoints += try settings.endpoints(of: service) }
      if let remote = endpoints.first(where: \.isTCP) { return try keysCheck(remote) }
      return .ok("sockets", "\(settings.runFolder)/SERVICE.sock")
    } catch {
      if error.code == .badKeys {
        return .fail(
          "sockets", error.detail, fix: "generate keys with gonogo keys new, and set GONOGO_KEYS to their folder")
      }
      return .fail("sockets", error.detail, fix: "choose a shorter folder with --run-dir or GONOGO_RUN")
    }
  }

  private func keysCheck(_ remote: Endpoint) throws(ZeroMQError) -> HealthCheck {
    guard let keys = try settings.keys() else {
      throw ZeroMQError(.badKeys, "\(remote) needs keys, but no folder of keys is set")
    }
    return .ok("sockets", "over TCP, as key:\(keys.own.publicKey)")
  }

  var executablesCheck: HealthCheck {
    do {
      let plans = try Installation(settings: settings).plans(searching: ProcessEnvironment.current["PATH"])
      return .ok("executables", plans[.bus]?.executable ?? "found")
    } catch {
      return .fail(
        "executables", error.messages.joined(separator: "; "),
        fix: "put gonogo and the gonogo-* executables into one folder")
    }
  }

  var descriptorCheck: HealthCheck {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      return .warn("open files", "the limit cannot be read", fix: "check that ulimit -Hn prints 1024 or more")
    }
    let limits: ConnectionLimits
    do {
      limits = try ConnectionLimits.fitting(files: UInt64(limit.rlim_max))
    } catch {
      return .fail("open files", error.detail, fix: "raise the hard limit (ulimit -Hn) to 1024 or more")
    }
    guard limits.connections >= ConnectionLimits.usual else {
      return .warn(
        "open files",
        "at most \(limit.rlim_max) per process, so a service accepts \(limits.connections) connections at once",
        fix: "raise the hard limit (ulimit -Hn) to 1024 or more")
    }
    return .ok("open files", limit.rlim_max == rlim_t.max ? "no limit" : "up to \(limit.rlim_max) per process")
  }

  var zoneCheck: HealthCheck {
    do {
      _ = try ZoneRules("America/New_York")
      return .ok("time zones", "known")
    } catch {
      return .fail("time zones", error.detail, fix: "install the package tzdata")
    }
  }

  var zeroMQCheck: HealthCheck {
    let version = ZeroMQVersion.current
    guard version >= ZeroMQVersion(major: 4, minor: 3, patch: 0) else {
      return .fail("ZeroMQ", "\(version)", fix: "install libzmq 4.3 or newer")
    }
    return .ok("ZeroMQ", "\(version)")
  }

  func pythonCheck() async throws -> HealthCheck {
    guard let version = try await Self.pyzmqVersion() else {
      return .warn(
        "Python", "no python3 with pyzmq; examples/publish.py needs it",
        fix: "apt install python3-zmq, if you want to publish events from Python")
    }
    return .ok("Python", "pyzmq on ZeroMQ \(version)")
  }

  /// Returns the version of ZeroMQ that Python uses; nil without Python or pyzmq.
  private static func pyzmqVersion() async throws -> String? {
    do {
      let result = try await Subprocess.run(
        .name("python3"), arguments: ["-c", "import zmq; print(zmq.zmq_version())"], output: .string(limit: 256),
        error: .discarded)
      return result.terminationStatus.isSuccess ? result.standardOutput.filter { !$0.isNewline } : nil
    } catch is SubprocessError {
      return nil
    }
  }
}
