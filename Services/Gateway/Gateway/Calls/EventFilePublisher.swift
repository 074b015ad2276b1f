import Contract
import JSON
import LaunchModel
import Messaging
import Synchronization

/// Publishes the lines of a file, with several messages in flight.
struct EventFilePublisher: Sendable {
  let client: RPCClient
  let timeout: Duration
  let progress: PublishProgress

  /// The number of messages in flight at once.
  private static let outstanding = 8
  private static let eventsInMessage = 256
  /// The target size of a message in bytes, well below the limit of 4 MiB.
  private static let bytesInMessage = 1 << 20

  /// Publishes all lines.
  ///
  /// - Throws: `CallError` if the bus is unreachable or stays busy for longer than the timeout; events acknowledged
  ///   before that are stored.
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
      progress.record(zip(batch.map(\.number), results).map { (line: $0, result: $1) })
    } catch let problem as Problem where problem.kind == .tooLarge && batch.count > 1 {
      try await send(Array(batch[..<(batch.count / 2)]))
      try await send(Array(batch[(batch.count / 2)...]))
    } catch let problem as Problem where problem.kind == .tooLarge {
      progress.record([
        (batch[0].number, PublishResult(.rejected, error: EventRejection(code: problem.code, detail: problem.detail)))
      ])
    } catch let problem as Problem {
      throw CallError(service: .bus, problem: problem)
    }
  }
}

/// The number of a file's events with each outcome.
struct PublishTally: Codable, Sendable, Hashable {
  /// The number of events in the file.
  var read = 0
  /// The number of events that were new and have been stored.
  var stored = 0
  /// The number of events that were already in the log.
  var duplicate = 0
  /// The number of events that the bus refused.
  var rejected = 0

  var acknowledged: Int { stored + duplicate }
}

extension PublishTally: Displayable {
  func display(on page: inout Page) {
    let text = "\(counted(read, "event")): \(stored) stored, \(duplicate) duplicate, \(rejected) rejected"
    page.paragraph(Text(text, rejected > 0 ? .bad : .good))
  }
}

/// Counts the outcomes of published events, reports each rejection and, if publishing takes long, shows the count on a
/// terminal.
final class PublishProgress: Sendable {
  private struct State {
    var tally = PublishTally()
    /// The warnings printed so far; each warning is printed only once, for the first event that has it.
    var warnings: Set<String> = []
    var lastShown: ContinuousClock.Instant?
  }

  private let console: Console
  private let file: String
  private let started = ContinuousClock.now
  private let state = Mutex(State())

  /// The delay before the count is first shown, and the interval between updates.
  private static let interval = Duration.milliseconds(500)

  init(console: Console, file: String) {
    self.console = console
    self.file = file
  }

  var tally: PublishTally { state.withLock { $0.tally } }

  /// Records the results of one message.
  func record(_ results: [(line: Int, result: PublishResult)]) {
    state.withLock { state in
      for (line, result) in results {
        state.tally.read += 1
        if let warning = result.warning, state.warnings.insert(warning.detail).inserted {
          clear(&state)
          console.warning("\(file):\(line): \(warning.detail) (\(warning.code))")
        }
        switch result.status {
        case .stored: state.tally.stored += 1
        case .duplicate: state.tally.duplicate += 1
        case .rejected:
          state.tally.rejected += 1
          clear(&state)
          console.fault(reason(of: result, line: line))
        }
      }
      show(&state)
    }
  }

  /// Removes the count from the terminal.
  func finish() { state.withLock { clear(&$0) } }

  private func reason(of result: PublishResult, line: Int) -> String {
    let place = "\(file):\(line): "
    guard let error = result.error else { return place + "rejected" }
    let pointer = error.pointer.map { $0.isEmpty ? "" : "\($0): " } ?? ""
    return place + pointer + error.detail + " (\(error.code))"
  }

  private func show(_ state: inout State) {
    let now = ContinuousClock.now
    guard console.showsProgress, now - (state.lastShown ?? started) >= Self.interval else { return }
    state.lastShown = now
    let seconds = (now - started) / .seconds(1)
    let rate = Int(Double(state.tally.read) / seconds)
    console.diagnostics.write("\r\u{1B}[K\(counted(state.tally.read, "event")), \(rate) per second")
  }

  private func clear(_ state: inout State) {
    guard state.lastShown != nil else { return }
    state.lastShown = nil
    console.diagnostics.write("\r\u{1B}[K")
  }
}
