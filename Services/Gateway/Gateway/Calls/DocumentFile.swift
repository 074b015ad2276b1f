import Documents
import JSON
import Contract
import LaunchModel

/// A YAML or JSON file that a command was given, with its lines for what is wrong in it.
struct DocumentFile: Sendable {
  /// As error messages name it.
  let name: String
  private let source: SourceDocument

  /// Reads the file, or standard input where the path is `-`.
  ///
  /// - Throws: `GatewayError` where it cannot be read or is neither YAML nor JSON.
  init(_ path: String) throws(GatewayError) {
    name = path == "-" ? "stdin" : path
    let bytes = try InputFile(path).bytes()
    do {
      source = try SourceDocument(parsing: bytes, file: name)
    } catch {
      throw GatewayError(error, file: name)
    }
  }

  /// What the file says.
  var value: JSONValue { source.value }

  /// The line on which a field stands, or the nearest thing around it.
  func line(of pointer: String) -> Int? { source.line(of: pointer) }

  /// Says that a whole document, made from an earlier version than the one it followed, takes back what was changed between.
  ///
  /// - Parameter noun: whose `export` prints a version, as `policy`.
  func warnOfTakingBack(_ noun: String, adoptedAs version: Int, in session: Session) {
    guard let base = value["version"]?.integerValue, base + 1 < version else { return }
    session.console.warning(
      "\(name) says version \(base), and version \(version - 1) was adopted: what that one changed, and the file does not have, "
        + "is taken back; gonogo \(noun) export \(version - 1) prints it")
  }

  /// Runs a call about the file; its faults are put with their lines.
  @discardableResult
  func explaining<Result>(_ call: () async throws -> Result) async throws -> Result {
    do {
      return try await call()
    } catch let failure as CallError {
      throw GatewayError(source.locating(failure.problem), file: name)
    }
  }
}
