import Glibc
import JSON
import LaunchModel
import SystemPackage

/// The file that identifies a run folder's supervisor, which holds a lock on it as long as it runs.
struct SupervisorFile: Sendable, Hashable {
  let path: String

  init(runFolder: String) { path = "\(runFolder)/gonogo.pid" }

  /// The process that holds the file.
  struct Holder: Codable, Sendable, Hashable {
    var pid: Int32
    var startTicks: UInt64
    /// The clock that `gonogo up` was started with, `START@RATE#ANCHOR`.
    var clock: String?
  }

  /// A supervisor's lock on the file; the kernel releases it when the process ends.
  final class Hold: Sendable {
    private let descriptor: FileDescriptor

    fileprivate init(descriptor: FileDescriptor) { self.descriptor = descriptor }

    deinit {
      // Nothing is lost if closing fails, because the lock ends with the process.
      try? descriptor.close()
    }
  }

  /// Locks the file for this process.
  ///
  /// - Throws: `GatewayError` if another supervisor holds it.
  func take(clock: String?) throws(GatewayError) -> Hold {
    guard let own = ProcessRecord.own else {
      throw GatewayError(.unavailable, "cannot read /proc, which gonogo up needs; mount it")
    }
    let holder = Holder(pid: own.pid, startTicks: own.startTicks, clock: clock)
    do {
      let descriptor = try FileDescriptor.open(
        FilePath(path), .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite, .groupRead])
      guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
        // The other supervisor may not have written its record yet.
        let other = try? read(descriptor)
        try descriptor.close()
        throw Self.alreadyHeld(by: other)
      }
      let text = try JSONCoding.encode(holder)
      try descriptor.resize(to: 0)
      try descriptor.writeAll(toAbsoluteOffset: 0, text)
      return Hold(descriptor: descriptor)
    } catch let error as GatewayError {
      throw error
    } catch {
      throw GatewayError(.unavailable, "cannot lock \(path): \(error)")
    }
  }

  /// Returns the error for a second supervisor in the run folder.
  static func alreadyHeld(by holder: Holder?) -> GatewayError {
    let pid = holder.map { " (pid \($0.pid))" } ?? ""
    return GatewayError(.conflict, "gonogo is already running here\(pid); stop it with gonogo down")
  }

  /// Returns the running supervisor; nil if there is none.
  ///
  /// - Throws: `GatewayError` if a process other than the one named in the file holds it.
  func holder() throws(GatewayError) -> Holder? {
    do {
      let descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
      return try descriptor.closeAfter {
        if flock(descriptor.rawValue, LOCK_SH | LOCK_NB) == 0 { return nil }
        let holder = try read(descriptor)
        guard ProcessRecord(pid: holder.pid)?.startTicks == holder.startTicks else {
          throw GatewayError(
            .unavailable, "\(path) names pid \(holder.pid), but another process has locked it; no process was stopped")
        }
        return holder
      }
    } catch Errno.noSuchFileOrDirectory {
      return nil
    } catch let error as GatewayError {
      throw error
    } catch {
      throw GatewayError(.unavailable, "cannot read \(path): \(error)")
    }
  }

  /// Whether any process holds the file. A process that is ending holds it slightly longer than `/proc` lists it.
  ///
  /// - Throws: `GatewayError` if the file exists but cannot be opened.
  func isHeld() throws(GatewayError) -> Bool {
    do {
      let descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
      return try descriptor.closeAfter { flock(descriptor.rawValue, LOCK_SH | LOCK_NB) != 0 }
    } catch Errno.noSuchFileOrDirectory {
      return false
    } catch {
      throw GatewayError(.unavailable, "cannot read \(path): \(error)")
    }
  }

  private func read(_ descriptor: FileDescriptor) throws -> Holder {
    var buffer = [UInt8](repeating: 0, count: 1_024)
    let count = try buffer.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: 0, into: $0) }
    return try JSONCoding.decode(Holder.self, from: Array(buffer[..<count]))
  }
}

/// A running process, as described by `/proc`.
struct ProcessRecord: Sendable, Hashable {
  var pid: Int32
  /// The clock ticks from boot to its start; together with the pid, they identify a process permanently.
  var startTicks: UInt64
  /// The last component of its executable's path; nil if the path may not be read.
  var executable: String?

  /// Reads the record; returns nil if there is no such process, or if it has ended and only waits to be reaped.
  init?(pid: Int32) {
    // The file disappears with the process.
    guard pid > 0, let stat = try? InputFile("/proc/\(pid)/stat").bytes() else { return nil }
    // The second field is the name in parentheses, which may itself contain spaces and parentheses.
    guard let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = stat[stat.index(after: end)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 19, fields[0].first != UInt8(ascii: "Z"),
      let ticks = UInt64(String(decoding: fields[19], as: UTF8.self))
    else { return nil }
    self.pid = pid
    startTicks = ticks
    executable = Self.link("/proc/\(pid)/exe").map { String($0.split(separator: "/").last ?? "") }
  }

  /// This process.
  static var own: ProcessRecord? { ProcessRecord(pid: getpid()) }

  /// The path of this process's executable.
  static var ownExecutable: String? { link("/proc/self/exe") }

  private static func link(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlink(path, &buffer, buffer.count - 1)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
