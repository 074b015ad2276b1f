import ContractDocuments
import Foundation

let arguments = CommandLine.arguments.dropFirst()
guard arguments.isEmpty || arguments.elementsEqual(["--check"]) else {
  FileHandle.standardError.write(Data("usage: gonogo-contracts [--check]\n".utf8))
  exit(64)
}
let files = try await ContractFiles.generated()
guard arguments.isEmpty else {
  let differences = try files.differences()
  for path in differences { FileHandle.standardError.write(Data("\(path) differs\n".utf8)) }
  exit(differences.isEmpty ? 0 : 1)
}
try files.write()
