import Glibc
import SystemPackage

/// A running process as `/proc` describes it.
struct ProcessRecord: Sendable, Hashable {
  var pid: Int32
  /// Clock ticks from boot to its start, which with the pid names a process for good.
  var startTicks: UInt64
  /// The last part of its executable's path; nil where that may not be read.
  var executable: String?

  /// Nil where there is no such process, or it has ended and only waits to be reaped.
  init?(pid: Int32) {
    // The file goes with the process.
    guard pid > 0, let stat = try? InputFile("/proc/\(pid)/stat").bytes() else { return nil }
    // The second field is the name in parentheses, which may itself hold spaces and parentheses.
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
