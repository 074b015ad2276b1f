import Documents
import Glibc
import JSON
import LaunchModel

/// A `gonogo.yaml`, read only where there is one.
struct SettingsFile: Sendable {
  let path: String
  private let value: JSONValue

  /// Nil where there is no such file.
  ///
  /// - Throws: `GatewayError` where there is one that cannot be read.
  init?(path: String) throws(GatewayError) {
    guard access(path, F_OK) == 0 else { return nil }
    self.path = path
    do {
      let document = try SourceDocument(parsing: try InputFile(path).bytes(), file: path)
      value = document.value
      do throws(Problem) { try SettingsDocument.check(value) } catch { throw document.locating(error) }
    } catch let failure as GatewayError {
      throw failure
    } catch let problem as Problem {
      throw GatewayError(problem, file: path)
    } catch {
      throw GatewayError(.badInput, "\(path): \(error)")
    }
  }

  /// The text at that place; nil where there is none.
  func text(at key: [String]) -> String? {
    let found = key.reduce(value as JSONValue?) { $0?[$1] }
    guard let text = found?.stringValue, !text.isEmpty else { return nil }
    return text
  }
}
