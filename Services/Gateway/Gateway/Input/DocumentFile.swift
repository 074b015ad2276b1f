import Documents
import JSON
import LaunchModel

/// A YAML or JSON file passed to a command, with line numbers for error messages.
struct DocumentFile: Sendable {
  /// The name for error messages.
  let name: String
  private let source: SourceDocument
  private let purpose: DocumentPurpose

  /// Reads the file, or standard input if the path is `-`.
  ///
  /// - Parameter purpose: what the command does with it, for error messages.
  /// - Throws: `GatewayError` if it cannot be read or is neither YAML nor JSON.
  init(_ path: String, for purpose: DocumentPurpose) throws(GatewayError) {
    let file = InputFile(path)
    name = file.name
    self.purpose = purpose
    let bytes = try file.bytes()
    do {
      source = try SourceDocument(parsing: bytes, file: name)
    } catch {
      throw GatewayError(error, file: name, for: purpose)
    }
  }

  /// The content.
  var value: JSONValue { source.value }

  /// Returns the line of a field, or of the nearest element that contains it; nil if it is not known.
  func line(of pointer: String) -> Int? { source.line(of: pointer) }

  /// Warns if the document is based on an older version than the one that it replaces, so that adopting it reverts
  /// changes.
  ///
  /// - Parameter noun: the command whose `export` prints a version, for example `policy`.
  func warnOfRevertedChanges(_ noun: String, adoptedAs version: Int, in session: Session) {
    guard let base = value["version"]?.integerValue, base + 1 < version else { return }
    session.console.warning(
      "\(name) is based on version \(base), but version \(version - 1) was adopted since: its changes are reverted "
        + "unless the file has them too; see gonogo \(noun) export --version \(version - 1)")
  }

  /// Makes a call about the document; its errors get the lines of the file.
  @discardableResult
  func explaining<Result>(_ call: () async throws -> Result) async throws -> Result {
    do {
      return try await call()
    } catch let failure as CallError {
      throw locating(failure)
    }
  }

  /// Returns the failure of a call about the document, with the lines of the file.
  func locating(_ failure: CallError) -> GatewayError {
    GatewayError(source.locating(failure.problem), file: name, for: purpose)
  }
}
