import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

@Suite("Background processes", .timeLimit(.minutes(1)))
struct BackgroundProcessTests {
  /// Runs a shell script in the background, with its output in a file of the folder.
  private static func start(_ script: String, in folder: String) throws -> BackgroundProcess {
    let output = try FileDescriptor.open(
      FilePath("\(folder)/output"), .writeOnly, options: [.create, .append, .closeOnExec],
      permissions: [.ownerReadWrite])
    return try output.closeAfter {
      try BackgroundProcess("/bin/sh", ["-c", script], adding: ["FOLDER": folder], output: output)
    }
  }

  private static func output(in folder: String) throws -> String {
    String(decoding: try InputFile("\(folder)/output").bytes(), as: UTF8.self)
  }

  private static func wait(for file: String, in folder: String) async {
    while !FileManager.default.fileExists(atPath: "\(folder)/\(file)") { await Task.yield() }
  }

  @Test("A process runs in its own session, without input, with its output in the file")
  func starts() async throws {
    try await withTemporaryFolder { folder in
      let script = "cat; echo $$ $(cut -d' ' -f6 /proc/$$/stat); echo error >&2; touch $FOLDER/ready; sleep 60"
      let process = try Self.start(script, in: folder)
      await Self.wait(for: "ready", in: folder)
      #expect(try Self.output(in: folder) == "\(process.pid) \(process.pid)\nerror\n")
      _ = await process.stop(within: .zero)
    }
  }

  @Test("A process stopped by SIGTERM reports its own exit status")
  func stops() async throws {
    try await withTemporaryFolder { folder in
      let script = "trap 'exit 7' TERM; touch $FOLDER/ready; while :; do sleep 0.05; done"
      let process = try Self.start(script, in: folder)
      await Self.wait(for: "ready", in: folder)
      #expect(await process.stop(within: .seconds(30)) == .exited(7))
      #expect(ProcessRecord(pid: process.pid) == nil)
    }
  }

  @Test("A process that does not stop in time is killed")
  func kills() async throws {
    try await withTemporaryFolder { folder in
      let script = "trap '' TERM; touch $FOLDER/ready; while :; do sleep 0.05; done"
      let process = try Self.start(script, in: folder)
      await Self.wait(for: "ready", in: folder)
      #expect(await process.stop(within: .milliseconds(50)) == .signalled(SIGKILL))
    }
  }

  @Test("A cancelled task still stops and awaits the process")
  func cancelled() async throws {
    try await withTemporaryFolder { folder in
      let process = try Self.start("exec sleep 60", in: folder)
      let end = await withTaskGroup(of: RestartPolicy.End.self) { group in
        group.cancelAll()
        group.addTask { await process.stop(within: .seconds(30)) }
        return await group.next()
      }
      #expect(end == .signalled(SIGTERM))
    }
  }

  @Test("A missing executable is an error")
  func missing() throws {
    #expect(throws: Errno.noSuchFileOrDirectory) {
      _ = try BackgroundProcess("/nowhere/child", [], adding: [:], output: .standardError)
    }
  }
}
