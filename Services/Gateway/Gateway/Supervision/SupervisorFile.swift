import Glibc
import JSON
import LaunchModel
import SystemPackage

/// The file by which the supervisor of a run folder is found; locked by it for as long as it lives.
struct SupervisorFile: Sendable, Hashable {
  let path: String

  init(runFolder: String) { path = "\(runFolder)/gonogo.pid" }

  /// Who holds the file.
  struct Holder: Codable, Sendable, Hashable {
    var pid: Int32
    var startTicks: UInt64
    /// What `gonogo up` was told of the clock, as `START@RATE#ANCHOR`.
    var clock: String?
  }

  /// A supervisor's hold on the file, which the kernel ends with the process.
  final class Hold: Sendable {
    private let descriptor: FileDescriptor

    fileprivate init(descriptor: FileDescriptor) { self.descriptor = descriptor }

    deinit {
      // Nothing is lost where closing fails: the lock goes with the process.
      try? descriptor.close()
    }
  }

  /// Takes the file for this process.
  ///
  /// - Throws: `GatewayError` where another supervisor has it.
  func take(clock: String?) throws(GatewayError) -> Hold {
    guard let own = ProcessRecord.own else {
      throw GatewayError(.unavailable, "/proc cannot be read, and gonogo up needs it")
    }
    let holder = Holder(pid: own.pid, startTicks: own.startTicks, clock: clock)
    do {
      let descriptor = try FileDescriptor.open(
        FilePath(path), .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite, .groupRead])
      guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
        // The one that holds the file may not have written to it yet.
        let other = try? read(descriptor)
        try descriptor.close()
        throw GatewayError(
          .conflict, "gonogo is up here already\(other.map { " (pid \($0.pid))" } ?? ""); gonogo down stops it")
      }
      let text = try JSONCoding.encode(holder)
      try descriptor.resize(to: 0)
      try descriptor.writeAll(toAbsoluteOffset: 0, text)
      return Hold(descriptor: descriptor)
    } catch let failure as GatewayError {
      throw failure
    } catch {
      throw GatewayError(.unavailable, "cannot take \(path): \(error)")
    }
  }

  /// The supervisor that runs now; nil where there is none.
  ///
  /// - Throws: `GatewayError` where the file is held by somebody that it does not name.
  func holder() throws(GatewayError) -> Holder? {
    do {
      let descriptor: FileDescriptor
      do { descriptor = try .open(FilePath(path), .readOnly, options: .closeOnExec) } catch Errno.noSuchFileOrDirectory
      {
        return nil
      }
      return try descriptor.closeAfter {
        if flock(descriptor.rawValue, LOCK_SH | LOCK_NB) == 0 { return nil }
        let holder = try read(descriptor)
        guard ProcessRecord(pid: holder.pid)?.startTicks == holder.startTicks else {
          throw GatewayError(
            .unavailable, "\(path) is in use, but not by pid \(holder.pid) which it names; it is left alone")
        }
        return holder
      }
    } catch let failure as GatewayError {
      throw failure
    } catch {
      throw GatewayError(.unavailable, "cannot read \(path): \(error)")
    }
  }

  /// Whether any process holds the file. A process that is about to end holds it a moment longer than `/proc` lists it.
  ///
  /// - Throws: `GatewayError` if the file is there and cannot be opened.
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
