import Foundation
import StandardStreams
import SystemPackage
import TestSupport
import Testing

@Suite("Text written to a descriptor")
struct TextStreamTests {
  @Test("A full device is reported with the system's reason, and nothing more is written")
  func fullDevice() throws {
    let device = try FileDescriptor.open("/dev/full", .writeOnly)
    defer { try? device.close() }
    let stream = TextStream(descriptor: device.rawValue)
    stream.write("")
    #expect(stream.failure == nil, "nothing was to be written")
    stream.write("a")
    #expect(stream.failure == .unwritable(reason: "No space left on device"))
    #expect(stream.unwrittenReason() == "No space left on device")
  }

  @Test("A closed pipe does not count as a failure of the output")
  func closedPipe() throws {
    let pipe = try FileDescriptor.pipe()
    try pipe.readEnd.close()
    defer { try? pipe.writeEnd.close() }
    signal(SIGPIPE, SIG_IGN)
    let stream = TextStream(descriptor: pipe.writeEnd.rawValue)
    stream.write("a")
    #expect(stream.failure == .nobodyReads)
    #expect(stream.unwrittenReason() == nil)
  }

  @Test("A pipe that somebody made non-blocking receives all of a long text")
  func nonBlocking() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/copy"
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      let pipe = Pipe()
      let reader = Process()
      reader.executableURL = URL(filePath: "/bin/cat")
      reader.standardInput = pipe.fileHandleForReading
      reader.standardOutput = try FileHandle(forWritingTo: URL(filePath: path))
      try reader.run()
      let descriptor = pipe.fileHandleForWriting.fileDescriptor
      #expect(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
      let text = String(repeating: "0123456789", count: 50_000)
      let stream = TextStream(descriptor: descriptor)
      stream.write(text)
      try pipe.fileHandleForWriting.close()
      reader.waitUntilExit()
      #expect(stream.failure == nil)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
  }
}
