import Contract
import LaunchModel
import Synchronization

/// Counts what became of published events, says which were refused, and shows the count on a terminal while it takes
/// long.
final class PublishProgress: Sendable {
  private struct State {
    var tally = PublishTally()
    var lastShown: ContinuousClock.Instant?
  }

  private let console: Console
  private let file: String
  private let started = ContinuousClock.now
  private let state = Mutex(State())

  /// Nothing is shown before, and it is shown again at most so often.
  private static let interval = Duration.milliseconds(500)

  init(console: Console, file: String) {
    self.console = console
    self.file = file
  }

  var tally: PublishTally { state.withLock { $0.tally } }

  /// Takes the results of one message.
  func note(_ results: [(line: Int, result: PublishResult)]) {
    state.withLock { state in
      for (line, result) in results {
        state.tally.read += 1
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

  /// Takes the count off the terminal.
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
    console.diagnostics.write("\r\u{1B}[K\(counted(state.tally.read, "event")), \(rate) a second")
  }

  private func clear(_ state: inout State) {
    guard state.lastShown != nil else { return }
    state.lastShown = nil
    console.diagnostics.write("\r\u{1B}[K")
  }
}
