import LaunchModel
import TestSupport
import Testing

@testable import Gateway

@Suite("Free disk space")
struct DiskRoomTests {
  @Test("For a full disk the fix depends on the state: a system that is down does not start by itself")
  func fullDisk() {
    let room = DiskRoom(folder: "/srv/gonogo", free: (256 << 10) - 1)
    #expect(room.isFull)
    #expect(room.fullMessage == "the disk is full: /srv/gonogo, 0 MiB free")
    #expect(!DiskRoom(folder: "/srv/gonogo", free: 256 << 10).isFull)
    var status = SystemStatus(services: [ServiceStatus(name: .bus, status: .down)])
    let check = Diagnosis.roomCheck(room, status)
    #expect(check.verdict == .fail)
    #expect(check.detail == "only 0 MiB free in /srv/gonogo; changes and events are refused when it is full")
    #expect(check.fix == "free some space, then start gonogo with gonogo up")
    status.supervisor = 7
    #expect(Diagnosis.roomCheck(room, status).fix == "free some space; gonogo resumes by itself")
    #expect(Diagnosis.roomCheck(DiskRoom(folder: "/srv/gonogo", free: 64 << 20), status).verdict == .ok)
  }

  @Test("The free space for a folder that does not exist yet is that of its nearest parent")
  func parent() async throws {
    try await withTemporaryFolder { folder in
      let room = try #require(DiskRoom(of: folder + "/none/of/these"))
      #expect(room.folder == folder + "/none/of/these")
      #expect(room.free > 0)
    }
    #expect(DiskRoom(of: "none/of/these") == nil)
  }
}
