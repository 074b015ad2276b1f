import ArgumentParser
import FoundationEssentials
import Glibc

struct Demo: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Play a whole launch in under a minute.",
    discussion: """
      From proposal to adopted learning. Runs in a temporary folder and on a simulated clock; nothing else on this machine is touched. With --keep the \
      system stays up at the end, so that you can look around.
      """,
    examples: [
      "gonogo demo",
      "gonogo demo --keep",
    ])

  @Flag(help: "Leave the system running at the end, and print how to reach it.") var keep = false
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "gonogo-demo-\(String(UInt32.random(in: 0...UInt32.max), radix: 36))").path
    try Folder.make(folder)
    do {
      for file in SampleFiles.sample(folder: folder, uid: geteuid()) { try file.write(in: folder) }
      let stage = DemoStage(session: session.playing(in: folder, runFolder: global.runDir), folder: folder)
      let keep = keep
      let isDone = try await untilInterrupted {
        for (index, scene) in DemoScript.scenes.enumerated() {
          let isLast = index == DemoScript.scenes.count - 1
          try await stage.play(scene, keepingUp: keep && isLast)
        }
      }
      if !isDone { throw GatewayError(.timedOut, "interrupted") }
    } catch {
      Folder.remove(folder)
      throw error
    }
    if keep {
      session.console.write(Self.farewell(folder))
    } else {
      Folder.remove(folder)
    }
  }

  private static func farewell(_ folder: String) -> String {
    """

    The system is running. To look around:
      cd \(ShellText.word(folder))
      gonogo board
      gonogo launch show smart-routing
    When you are done:
      gonogo down && cd - && rm -r \(ShellText.word(folder))

    """
  }
}

extension Session {
  /// Returns a session whose data is all in the folder.
  fileprivate func playing(in folder: String, runFolder: String?) -> Session {
    var session = self
    session.settings = GatewaySettings(
      runFolder: runFolder == nil ? "\(folder)/run" : settings.runFolder, dataFolder: "\(folder)/data",
      configFolder: folder)
    return session
  }
}
