import Foundation
import StandardStreams
import Testing

@Suite("The end of a process")
struct ProcessEndTests {
  @Test("The exit status is as given, buffered output is written, and no exit handler runs while threads do")
  func end() async throws {
    let result = try await #require(processExitsWith: .exitCode(3), observing: [\.standardOutputContent]) {
      atexit { abort() }
      puts("written")
      ProcessEnd.exit(with: 3)
    }
    #expect(String(decoding: result.standardOutputContent, as: UTF8.self).contains("written"))
  }
}
