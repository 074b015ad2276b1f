import Foundation
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Storage
import TestSupport
import Testing

/// A service as a separate process, with and without a bus.
@Suite(.timeLimit(.minutes(2))) struct ProcessTests {
  @Test("A service stops cleanly on request") func cleanStop() async throws {
    try await withRunningSystem([.review]) { system in
      let status = try await system.stop(.review)
      #expect(status == 0)
      #expect(system.log(.review).contains("stopped"))
    }
  }

  @Test("A killed service starts again with its data") func killed() async throws {
    try await withRunningSystem([.review]) { system in
      let route = ServiceRoutes.info(.review)
      let first = try await system.client(.review).call(route, NoParameters())
      try await system.kill(.review)
      try await system.start(.review)
      let second = try await system.client(.review).call(route, NoParameters())
      #expect(first.instance != second.instance)
      #expect(first.methods == second.methods)
    }
  }

  @Test("A second process on the same data is refused") func secondProcess() async throws {
    try await withRunningSystem([.review]) { system in
      let failure = await #expect(throws: ProcessError.self) { try await system.start(.review) }
      #expect(failure?.description.contains("exited(69)") == true)
      #expect(failure?.description.contains("by another process") == true)
    }
  }

  @Test(
    "A store of a newer version is refused, unchanged",
    .enabled(if: StorageEngine.standard == .sqlite, "stores in files"), arguments: [ServiceName.bus, .review])
  func newerVersion(service: ServiceName) async throws {
    try await withRunningSystem([service]) { system in
      try await system.stop(service)
      let path = "\(system.settings.dataFolder(of: service))/\(service == .bus ? "log" : "store").sqlite"
      let store = try await DatabaseLocation.sqlite(path: path).open { _ in }
      try await store.write { tx in
        try tx.execute(
          service == .bus
            ? "INSERT INTO grdb_migrations (identifier) VALUES ('900-later')"
            : "INSERT INTO schema_migrations (id, position, checksum) VALUES ('later/900', 900, '')")
      }
      try await store.close()
      let before = FileManager.default.contents(atPath: path)
      let failure = await #expect(throws: ProcessError.self) { try await system.start(service) }
      #expect(failure?.description.contains("exited(78)") == true)
      #expect(failure?.description.contains("newer") == true)
      #expect(FileManager.default.contents(atPath: path) == before)
    }
  }

  @Test(
    "A start on a full disk is refused, with the path and the free space",
    .enabled(if: SmallDisk.isAvailable && StorageEngine.standard == .sqlite, "needs to mount, and stores in files"))
  func fullDisk() async throws {
    try await withRunningSystem([]) { system in
      let data = system.settings.dataFolder
      try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
      let disk = try SmallDisk(at: data)
      defer { disk.remove() }
      for service in [ServiceName.bus, .review] {
        try await system.start(service)
        try await system.stop(service)
      }
      try disk.fill()
      for service in [ServiceName.bus, .review, .metrics] {
        let failure = await #expect(throws: ProcessError.self) { try await system.start(service) }
        #expect(failure?.description.contains("exited(69)") == true, "\(String(describing: failure))")
        #expect(failure?.description.contains("the disk is full: \(data)") == true, "\(String(describing: failure))")
        #expect(failure?.description.contains(", 0 MiB free") == true)
      }
      disk.empty()
      for service in [ServiceName.bus, .review] { try await system.start(service) }
    }
  }

  @Test("A service uses the configured clock") func clock() async throws {
    try await withRunningSystem([.review], clock: "2031-05-06T07:08:09Z@1#2026-01-01T00:00:00Z") { system in
      let ping = try await system.client(.review).call(ServiceRoutes.ping(.review), NoParameters())
      #expect(ping.clock == "2031-05-06T07:08:09Z@1#2026-01-01T00:00:00Z")
      #expect(ping.now.description >= "2031-05-06")
    }
  }

  @Test("Folders are not accessible to other users") func permissions() async throws {
    try await withRunningSystem([.review]) { system in
      for (path, permissions) in [
        (system.settings.runFolder, 0o750), (system.settings.dataFolder, 0o700),
        (system.settings.dataFolder(of: .review), 0o700),
      ] {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == permissions, "\(path)")
      }
    }
  }
}
