import ContractDocuments
import Foundation
import StandardStreams

/// Writes a line to stderr.
func report(_ line: String) { TextStream.diagnostics.writeLine(line) }

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.isEmpty || arguments == ["--check"] else {
  report("usage: gonogo-contracts [--check]")
  ProcessEnd.exit(with: 64)
}
let files = try await ContractFiles.generated()
guard arguments.isEmpty else {
  let differences = try files.differences()
  for path in differences { report("\(path) differs from what is generated") }
  if !differences.isEmpty { report("run deploy/contracts and commit the changes") }
  ProcessEnd.exit(with: differences.isEmpty ? 0 : 1)
}
try files.write()
