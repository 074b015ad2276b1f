import ArgumentParser
import Glibc
import LaunchModel

struct Init: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a configuration to begin with.",
    discussion: """
      Writes gonogo.yaml and people.yaml; with --sample ten people, a launch, its metrics and a learning to try things \
      with, and everything kept below the folder. gonogo reads gonogo.yaml from the folder in $GONOGO_CONFIG, else from the \
      current one. Without any configuration gonogo works too.
      """)

  @Argument(help: "The folder; made where it is not there.") var folder = "."
  @Flag(help: "Ten sample people, a launch file, a metric file and a learning.") var sample = false
  @Flag(help: "Replace files that are there.") var force = false
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let folder = try Folder.absolute(folder)
    let files = sample ? SampleFiles.sample(folder: folder, uid: getuid()) : SampleFiles.bare(uid: getuid())
    let present = files.map(\.name).filter { access("\(folder)/\($0)", F_OK) == 0 }
    guard force || present.isEmpty else {
      throw GatewayError(
        .conflict, "\(folder) has \(present.joined(separator: ", ")) already; --force replaces what is there")
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
