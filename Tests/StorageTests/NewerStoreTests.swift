import Foundation
import Storage
import TestSupport
import Testing

/// A store of a newer program is refused before a byte of it, or of the files beside it, changes.
@Suite struct NewerStoreTests {
  private static let known = [Migration(id: "a/001", sql: ["CREATE TABLE one (k TEXT)"])]
  private static let newer = known + [Migration(id: "a/002", sql: ["CREATE TABLE two (k TEXT)"])]

  @Test("A store of a newer program is refused unchanged", arguments: [true, false])
  func newer(wasClosed: Bool) async throws {
    try await withTemporaryFolder { folder in
      // A name that needs escaping in a URI.
      let store = "\(folder)/Launch #1 50%?"
      try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: false)
      let path = "\(store)/store.sqlite"
      let db = try await DatabaseLocation.sqlite(path: "\(folder)/store.sqlite").open { _ in }
      try await db.migrate(Self.newer)
      if wasClosed { try await db.close() }
      // As a killed process leaves it: the newest changes are in the write-ahead log alone.
      for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: "\(folder)/store.sqlite\(suffix)")
      {
        try FileManager.default.copyItem(atPath: "\(folder)/store.sqlite\(suffix)", toPath: path + suffix)
      }
      if !wasClosed { try await db.close() }
      let before = try contents(of: store)
      let error = await #expect(throws: StorageError.self) {
        _ = try await DatabaseLocation.sqlite(path: path).open(for: Self.known) { _ in }
      }
      #expect(error?.code == .schema)
      #expect(error?.message.contains("a/002") == true)
      var after = try contents(of: store)
      after["store.sqlite.lock"] = nil
      #expect(after == before)
      let program = try await DatabaseLocation.sqlite(path: path).open(for: Self.newer) { _ in }
      try await program.migrate(Self.newer)
      try await program.close()
    }
  }

  private func contents(of folder: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      contents[name] = FileManager.default.contents(atPath: "\(folder)/\(name)")
    }
    return contents
  }
}
