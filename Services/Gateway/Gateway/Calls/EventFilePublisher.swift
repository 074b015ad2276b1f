import JSON
import Contract
import LaunchModel
import Messaging

/// Publishes the lines of a file, several messages outstanding.
struct EventFilePublisher: Sendable {
  let client: RPCClient
  let timeout: Duration
  let progress: PublishProgress

  /// Messages on their way at once.
  private static let outstanding = 8
  private static let eventsInMessage = 256
  /// Below the 4 MiB that a message may have.
  private static let bytesInMessage = 1 << 20

  /// Publishes all of it.
  ///
  /// - Throws: `CallError` where the bus cannot be reached, or stays busy beyond the time-out; what was acknowledged
  ///   until then is stored.
  func publish(_ lines: consuming LineReader) async throws {
    var lines = lines
    try await withThrowingTaskGroup(of: Void.self) { group in
      var running = 0
      while let batch = try Self.batch(&lines) {
        if running == Self.outstanding {
          try await group.next()
          running -= 1
        }
        group.addTask { try await send(batch) }
        running += 1
      }
      try await group.waitForAll()
    }
  }

  private static func batch(_ lines: inout LineReader) throws -> [LineReader.Line]? {
    var batch: [LineReader.Line] = []
    var size = 0
    while batch.count < eventsInMessage, size < bytesInMessage, let line = try lines.next() {
      size += line.bytes.count
      batch.append(line)
    }
    return batch.isEmpty ? nil : batch
  }

  private func send(_ batch: [LineReader.Line]) async throws {
    do {
      let reply = try await client.call(
        method: BusRoutes.publish.method, parts: batch.map(\.bytes), timeout: timeout, idempotent: true)
      let results = try JSONCoding.decode(PublishedEvents.self, from: reply.result).results
      progress.note(zip(batch.map(\.number), results).map { (line: $0, result: $1) })
    } catch let problem as Problem where problem.kind == .tooLarge && batch.count > 1 {
      try await send(Array(batch[..<(batch.count / 2)]))
      try await send(Array(batch[(batch.count / 2)...]))
    } catch let problem as Problem where problem.kind == .tooLarge {
      progress.note([
        (batch[0].number, PublishResult(.rejected, error: EventRejection(code: problem.code, detail: problem.detail)))
      ])
    } catch let problem as Problem {
      throw CallError(service: .bus, problem: problem)
    }
  }
}
