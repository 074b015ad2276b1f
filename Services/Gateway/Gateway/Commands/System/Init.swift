import ArgumentParser
import Glibc
import LaunchModel

struct Init: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a configuration to start with.",
    discussion: """
      Writes gonogo.yaml and people.yaml. With --sample, it adds files to experiment with: a launch, its metrics, \
      events, test cases and more, and keeps all data in that folder. gonogo reads gonogo.yaml from the folder in \
      $GONOGO_CONFIG, else from the current one. Configuration is optional.
      """,
    examples: [
      "gonogo init --sample ~/gonogo-trial",
      "gonogo init --force .",
    ])

  @Argument(help: "Folder; created if missing.") var folder = "."
  @Flag(help: "Write ten sample people and files to experiment with.") var sample = false
  @OptionGroup var overwriting: OverwriteOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let folder = try Folder.absolute(folder)
    let files = sample ? SampleFiles.sample(folder: folder, uid: getuid()) : SampleFiles.bare(uid: getuid())
    let present = files.map(\.name).filter { access("\(folder)/\($0)", F_OK) == 0 }
    guard overwriting.force || present.isEmpty else {
      throw GatewayError(
        .conflict, "\(folder) already has \(present.joined(separator: ", ")); pass --force to overwrite")
    }
    try Folder.make(folder)
    for file in files {
      try file.write(in: folder)
      session.console.note("wrote \(folder)/\(file.name): \(file.purpose)")
    }
    session.console.note(
      sample ? SampleFiles.nextSteps(folder: self.folder) : "Next: gonogo up, then gonogo roster adopt people.yaml")
  }
}
