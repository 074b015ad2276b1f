import ArgumentParser
import FoundationEssentials
import Glibc
import UnixSignals

struct Demo: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Play a launch from proposal to adopted learning, in under a minute.",
    discussion: """
      Everything happens in a temporary folder and on a clock of its own; nothing else of this machine is touched. \
      With --keep the system stays up at the end, to look around in.
      """)

  @Flag(help: "Leave the system up at the end, and say how to reach it.") var keep = false
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "gonogo-demo-\(String(UInt32.random(in: 0...UInt32.max), radix: 36))").path
    try Folder.make(folder)
    do {
      for file in SampleFiles.sample(folder: folder, uid: geteuid()) { try file.write(in: folder) }
      let stage = DemoStage(session: session.playing(in: folder, runFolder: global.runDir), folder: folder)
      try await Self.unlessInterrupted { try await play(on: stage) }
    } catch {
      Folder.remove(folder)
      throw error
    }
    Folder.remove(folder)
  }

  private func play(on stage: DemoStage) async throws {
    for (index, part) in DemoScript.parts.enumerated() {
      let isLast = index == DemoScript.parts.count - 1
      try await stage.play(from: part.moment) { demoPart in
        try await part.play(demoPart)
        if isLast, keep {
          stage.session.console.write(Self.farewell(stage))
          // The system goes on; to return from here would stop it.
          Glibc.exit(ExitStatus.success.rawValue)
        }
      }
    }
  }

  private static func farewell(_ stage: DemoStage) -> String {
    """

    The system is up. To look around:
      cd \(stage.folder)
      gonogo board
      gonogo launch show smart-routing
    And at last:
      gonogo down && cd - && rm -r \(stage.folder)

    """
  }

  /// Does it, and lets an interrupt end it in order.
  private static func unlessInterrupted(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await body()
        return true
      }
      group.addTask {
        for await _ in signals { return false }
        return true
      }
      let isDone = try await group.next() ?? false
      group.cancelAll()
      if !isDone { throw GatewayError(.timedOut, "interrupted") }
    }
  }
}

extension Session {
  /// The session with everything in that folder.
  fileprivate func playing(in folder: String, runFolder: String?) -> Session {
    var session = self
    session.settings = GatewaySettings(
      runFolder: runFolder == nil ? "\(folder)/run" : settings.runFolder, dataFolder: "\(folder)/data",
      configFolder: folder)
    return session
  }
}
