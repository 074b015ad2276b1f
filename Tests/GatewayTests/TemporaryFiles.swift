import Foundation
import TestSupport

/// Runs the body with a file of that content, and removes it afterwards.
func withTemporaryFile(_ content: String, _ body: (String) throws -> Void) async throws {
  try await withTemporaryFolder { folder in
    let path = "\(folder)/file"
    try Data(content.utf8).write(to: URL(filePath: path))
    try body(path)
  }
}
