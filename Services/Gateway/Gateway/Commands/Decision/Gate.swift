import ArgumentParser
import Contract
import LaunchModel

/// Prints whether a launch may ship. The checklist makes the decision: see `checkGate` in `GateHandlers`.
struct Gate: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate", abstract: "Check whether a launch may ship, for deploy pipelines.",
    discussion: """
      Exit status: 0 if a GO is in force and not stale; 1 if not, with the reasons; 69 if the answer is unknown. With \
      --wait: 0 as soon as the gate opens, 75 with the reasons if it does not open in time. A GO that was given for an \
      artifact opens the gate only for that artifact (--artifact).
      """,
    examples: [
      "gonogo gate smart-routing",
      "gonogo gate smart-routing --wait 30m",
      "gonogo gate smart-routing --output json --timeout 30",
    ])

  @OptionGroup var launch: LaunchArgument
  @Option(help: ArgumentHelp("Wait for the gate to open, e.g. 90s, 30m or 2h.", valueName: "duration"))
  var wait: WaitDuration?
  @OptionGroup var artifact: ArtifactOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let request = GateRequest(launch: launch.id, artifact: artifact.artifact)
    let session = session.requiringHead()
    if let wait {
      try await GateWaiting(session: session.polling(), request: request, wait: wait).run()
    } else {
      guard try await isOpen(request, session) else { throw GatewayError(.no) }
    }
  }

  private func isOpen(_ request: GateRequest, _ session: Session) async throws -> Bool {
    do {
      return try await session.show(ChecklistRoutes.checkGate, request).open
    } catch let failure as CallError {
      throw GatewayError(ofGate: failure, launch.id)
    }
  }
}

/// The artifact to which a GO is limited, or which is to be shipped.
struct ArtifactOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Artifact digest: sha256:HEX (64 digits) or sha512:HEX (128).", valueName: "digest"))
  var artifact: String?
}

extension GatewayError {
  /// The error for a gate that gave no reliable answer: an answer that is late, or not confirmed by the bus, counts as
  /// unknown, like one from a service that is down.
  fileprivate init(ofGate failure: CallError, _ launch: LaunchID) {
    self.init(failure)
    if status == .timedOut { status = .unavailable }
    if status == .unavailable { messages = messages.map { "unknown whether \(launch) may ship: \($0)" } }
  }
}

/// How long a command waits: a whole number of seconds, minutes, hours or days, such as `30m`.
struct WaitDuration: ExpressibleByArgument, Sendable, Hashable {
  /// The duration as it was given.
  var text: String
  var duration: Duration

  private static let seconds: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
  private static let longest = 7 * 86_400

  init?(argument: String) {
    let digits = argument.dropLast()
    guard let unit = argument.last.flatMap({ Self.seconds[$0] }), digits.allSatisfy(\.isASCII),
      digits.allSatisfy(\.isNumber), let number = Int(digits), (1...Self.longest).contains(number),
      number * unit <= Self.longest
    else { return nil }
    text = argument
    duration = .seconds(number * unit)
  }
}

/// Asks the gate repeatedly until it opens or the time is over. The checklist waits only a few seconds in each call;
/// because the command repeats the call, waiting survives restarts of any service.
private struct GateWaiting {
  /// The gate's latest answer.
  private enum Outcome {
    case answered(Reply<GateView>)
    case unknown(GatewayError)
  }

  let session: Session
  let request: GateRequest
  let wait: WaitDuration

  /// The maximum wait of one call.
  private static let slice = Duration.seconds(4)
  /// How long after the end an answer may still arrive if it was requested before.
  private static let grace = Duration.seconds(2)
  /// The minimum time between the starts of two calls, for calls that are answered without waiting.
  private static let pause = Duration.milliseconds(500)

  /// - Throws: `GatewayError` with `timedOut` if the gate was closed until the time was over; with `unavailable` if it
  ///   did not answer at the end; and with `no`, at once, if the launch is cancelled, because its gate can never open.
  func run() async throws {
    let end = ContinuousClock.now + wait.duration
    var noted: [String] = []
    while true {
      let askedAt = ContinuousClock.now
      let outcome = try await ask(until: end)
      if case .answered(let reply) = outcome, reply.value.open || reply.value.isFinal {
        try session.print(reply)
        guard reply.value.open else { throw GatewayError(.no) }
        return
      }
      guard .now < end else { return try finish(outcome) }
      note(outcome, &noted)
      let left: Duration = min(askedAt + Self.pause, end) - .now
      if left > .zero { try await Task.sleep(for: left) }
      guard .now < end else { return try finish(outcome) }
    }
  }

  private func ask(until end: ContinuousClock.Instant) async throws -> Outcome {
    let left: Duration = max(.zero, end - .now)
    let slice = min(Self.slice, left)
    var (asking, request) = (session, request)
    asking.timeout = min(session.timeout + slice, left + Self.grace)
    request.waitMs = Int(slice / .milliseconds(1))
    do {
      return .answered(try await asking.call(ChecklistRoutes.checkGate, request))
    } catch let failure as CallError {
      let error = GatewayError(ofGate: failure, request.launch)
      guard error.status == .unavailable else { throw error }
      return .unknown(error)
    }
  }

  /// Prints why the gate is closed, whenever that changes, for the log of a pipeline.
  private func note(_ outcome: Outcome, _ noted: inout [String]) {
    let reasons =
      switch outcome {
      case .answered(let reply): reply.value.reasons.map(\.detail)
      case .unknown(let error): error.messages
      }
    guard reasons != noted else { return }
    noted = reasons
    let more = reasons.count > 1 ? ", and \(counted(reasons.count - 1, "more reason"))" : ""
    session.console.note("waiting up to \(wait.text) for \(request.launch): \(reasons.first ?? "")\(more)")
  }

  private func finish(_ outcome: Outcome) throws {
    switch outcome {
    case .answered(let reply):
      try session.print(reply)
      throw GatewayError(.timedOut, "the gate of \(request.launch) did not open within \(wait.text)")
    case .unknown(let error): throw error
    }
  }
}

extension GateView {
  /// Whether no decision can ever open the gate.
  fileprivate var isFinal: Bool { reasons.contains { $0.code == "launch-cancelled" } }
}
