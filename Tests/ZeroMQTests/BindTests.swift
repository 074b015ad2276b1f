import Foundation
import Testing

@testable import ZeroMQ

@Suite struct BindTests {
  @Test("A live socket is not stolen: the second bind fails, and the first socket remains in service")
  func liveSocket() async throws {
    try await withFolder { folder in
      try await withReactor { first in
        try await withReactor { second in
          let path = folder + "/bus.sock"
          let inbox = Inbox<InboundMessage>()
          let server = try await first.bind(path, into: inbox)
          await #expect {
            _ = try await second.bind(path, into: Inbox())
          } throws: { error in
            guard let error = error as? ZeroMQError else { return false }
            return error.code == .inUse && error.detail.contains("pid \(getpid())")
          }
          let client = try second.connect(path)
          client.send([bytes("still there")])
          #expect(try await inbox.next().frames == [bytes("still there")])
          await server.close()
        }
      }
    }
  }

  @Test("A live socket of a program without lock files is not stolen either")
  func foreignSocket() async throws {
    try await withFolder { folder in
      let path = folder + "/bus.sock"
      let listener = try PlainListener(path)
      try await withReactor { reactor in
        await #expect {
          _ = try await reactor.bind(path, into: Inbox())
        } throws: { ($0 as? ZeroMQError)?.code == .inUse }
      }
      #expect(SocketProbe.probe(path) == .live)
      withExtendedLifetime(listener) {}
    }
  }

  @Test("A file that is not a socket is refused and left unchanged")
  func plainFile() async throws {
    try await withFolder { folder in
      let path = folder + "/bus.sock"
      try Data("precious".utf8).write(to: URL(filePath: path))
      try await withReactor { reactor in
        await #expect {
          _ = try await reactor.bind(path, into: Inbox())
        } throws: { ($0 as? ZeroMQError)?.code == .notASocket }
      }
      #expect(try Data(contentsOf: URL(filePath: path)) == Data("precious".utf8))
    }
  }

  @Test("A socket file left by a crash is taken over")
  func staleSocket() async throws {
    try await withFolder { folder in
      let path = folder + "/bus.sock"
      _ = try PlainListener(path)
      #expect(SocketProbe.probe(path) == .stale)
      try await withReactor { reactor in
        let inbox = Inbox<InboundMessage>()
        let server = try await reactor.bind(path, into: inbox)
        let client = try reactor.connect(path)
        client.send([bytes("hello")])
        #expect(try await inbox.next().frames == [bytes("hello")])
        await server.close()
      }
    }
  }

  @Test("Closing removes the file and frees the path")
  func rebinding() async throws {
    try await withFolder { folder in
      let path = folder + "/bus.sock"
      try await withReactor { reactor in
        for _ in 1...3 {
          let server = try await reactor.bind(path, into: Inbox())
          #expect(FileManager.default.fileExists(atPath: path))
          await server.close()
          #expect(!FileManager.default.fileExists(atPath: path))
        }
      }
    }
  }

  @Test("Owner and group may use the socket, others may not, and the process's umask is unchanged")
  func mode() async throws {
    try await withFolder { folder in
      let before = umask(0o022)
      umask(before)
      try await withReactor { reactor in
        let server = try await reactor.bind(folder + "/bus.sock", into: Inbox())
        var info = stat()
        #expect(lstat(folder + "/bus.sock", &info) == 0)
        #expect(info.st_mode & 0o777 == 0o660)
        await server.close()
      }
      let after = umask(0o022)
      umask(after)
      #expect(after == before)
    }
  }

  @Test("A missing folder is named")
  func missingFolder() async throws {
    try await withReactor { reactor in
      await #expect {
        _ = try await reactor.bind("/tmp/gonogo-absent/bus.sock", into: Inbox())
      } throws: { ($0 as? ZeroMQError)?.detail.contains("/tmp/gonogo-absent") == true }
    }
  }

  @Test("The descriptor limit is raised as far as permitted")
  func descriptors() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    var lowered = rlimit(rlim_cur: min(limit.rlim_cur, 2_048), rlim_max: limit.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &lowered)
    #expect(DescriptorLimit.raise() == min(UInt64(limit.rlim_max), 1_048_576))
    #expect(DescriptorLimit.current == min(UInt64(limit.rlim_max), 1_048_576))
  }
}
