import Foundation
import StandardStreams
import Testing

@Suite("The end of a process")
struct ProcessEndTests {
  @Test("The status is the one given, buffered output is written, and no handler runs under other threads")
  func end() async throws {
    let result = try await #require(processExitsWith: .exitCode(3), observing: [\.standardOutputContent]) {
      atexit { abort() }
      puts("written")
      ProcessEnd.exit(with: 3)
    }
    #expect(String(decoding: result.standardOutputContent, as: UTF8.self).contains("written"))
  }
}
