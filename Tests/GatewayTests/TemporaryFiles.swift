import FoundationEssentials

/// Runs the body with a folder of its own, and removes it afterwards; its path is short enough for sockets.
func withTemporaryFolder<R>(_ body: (String) async throws -> R) async throws -> R {
  let folder = try makeTemporaryFolder()
  defer { removeTemporaryFolder(folder) }
  return try await body(folder)
}

/// Runs the body with a file of that content, and removes it afterwards.
func withTemporaryFile<R>(_ content: String, _ body: (String) throws -> R) throws -> R {
  let folder = try makeTemporaryFolder()
  defer { removeTemporaryFolder(folder) }
  let path = "\(folder)/file"
  try Data(content.utf8).write(to: URL(filePath: path))
  return try body(path)
}

private func makeTemporaryFolder() throws -> String {
  let name = String(UInt64.random(in: 0...UInt64.max), radix: 36)
  let folder = FileManager.default.temporaryDirectory.appending(path: "gonogo-test-\(name)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  return folder
}

private func removeTemporaryFolder(_ path: String) {
  // A folder that stays behind in the temporary folder fails no test.
  try? FileManager.default.removeItem(atPath: path)
}
