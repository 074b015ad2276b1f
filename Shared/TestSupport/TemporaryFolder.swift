import Foundation

/// Runs the body with a new, empty folder and removes it afterwards. The path is short enough for sockets.
public func withTemporaryFolder<R>(_ body: (String) async throws -> R) async throws -> R {
  let folder = "/tmp/gg-\(String(UInt64.random(in: 0..<(1 << 40)), radix: 36))"
  try FileManager.default.createDirectory(
    atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}
