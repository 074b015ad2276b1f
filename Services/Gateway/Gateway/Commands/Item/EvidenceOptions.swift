import ArgumentParser
import Digests
import Contract
import LaunchModel

/// One piece of evidence, named on the command line.
struct EvidenceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Evidence: a URL.", valueName: "url")) var link: String?

  @Option(help: ArgumentHelp("Evidence: a file; its SHA-256 is recorded.", valueName: "path")) var file: String?

  @Option(name: .customLong("evidence"), help: ArgumentHelp("Evidence: free text.", valueName: "text"))
  var words: String?

  func validate() throws {
    guard [link, file, words].count(where: { $0 != nil }) <= 1 else {
      throw ValidationError("pass only one of --link, --file and --evidence; add more with gonogo item attach")
    }
  }

  /// The evidence; nil if none was given.
  ///
  /// - Throws: `GatewayError` if the file cannot be read.
  func evidence() throws(GatewayError) -> Evidence? {
    if let link { return Evidence(kind: .link, value: link) }
    if let words { return Evidence(kind: .text, value: words) }
    guard let file else { return nil }
    return Evidence(kind: .digest, value: "sha256:\(SHA256Digest.hex(of: try InputFile(file).bytes()))")
  }
}
